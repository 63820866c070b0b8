// `node --import tsx experiments/equivalence/run.ts`: the spectra of the three optimizers through the command line, beside the released
// ones, and what `thalweg compare` says of them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chart } from '../lib/chart.ts'
import { publish } from '../lib/page.ts'
import { distance, type Point } from '../lib/spectra.ts'
import { table } from '../lib/table.ts'
import { thalweg } from '../lib/thalweg.ts'
import type { Optimizer } from './optimizers.ts'
import { streamOf } from './stream.ts'

const folder = new URL('.', import.meta.url)
const { eigenvalues: released } = JSON.parse(
  readFileSync(new URL('../../test/golden/redman.json', import.meta.url), 'utf8')
) as { eigenvalues: Record<Optimizer, Point[]> }
const work = mkdtempSync(join(tmpdir(), 'equivalence-'))

/** Analyses the stream of an optimizer, stores its summaries and gives its last spectrum. */
function spectrumOf(name: Optimizer): Point[] {
  const stream = Buffer.concat([...streamOf(name)])
  const lines = thalweg(['run', new URL('pipeline.json', folder).pathname, '--quiet'], stream)
  writeFileSync(join(work, `${name}.ndjson`), lines)
  const summaries = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; values: { eigenvalues: Point[] } })
  return summaries.findLast(({ type }) => type === 'koopman')!.values.eigenvalues
}

const moduli = (points: readonly Point[]): number[] =>
  points.map(([re, im]) => Math.hypot(re, im)).sort((a, b) => a - b)

try {
  const names = ['omd', 'ogd', 'bisection'] as const
  const own = Object.fromEntries(names.map((name) => [name, spectrumOf(name)])) as typeof released
  const files = names.map((name) => join(work, `${name}.ndjson`))
  const { verdicts } = JSON.parse(thalweg(['compare', ...files, '--json'])) as {
    verdicts: { says: string }[]
  }
  const columns = {
    OMD: own.omd,
    'OMD, released': released.omd,
    OGD: own.ogd,
    'OGD, released': released.ogd,
    bisection: own.bisection,
    'bisection, released': released.bisection,
  }
  const rows = Object.values(columns).map(moduli)
  const spectra = table([
    ['|μ|', ...Object.keys(columns)],
    ...rows[0]!.map((_, i) => [i + 1, ...rows.map((moduli) => moduli[i]!.toFixed(4))]),
  ])
  const pairs = [
    ['OMD and OGD', 'omd', 'ogd'],
    ['OMD and bisection', 'omd', 'bisection'],
    ['OGD and bisection', 'ogd', 'bisection'],
  ] as const
  const distances = table([
    ['pair', 'distance here', 'distance of the released spectra'],
    ...pairs.map(([pair, a, b]) => [
      pair,
      ...[own, released].map((all) => distance(all[a], all[b]).toFixed(6)),
    ]),
  ])
  const picture = chart(
    { title: 'Moduli of Koopman eigenvalues', x: 'rank', y: '|μ|' },
    Object.entries(columns).map(([name, points], i) => ({
      name,
      points: moduli(points).map((modulus, rank): [number, number] => [rank + 1, modulus]),
      dashed: name.endsWith('released'),
      colour: i >> 1,
    }))
  )
  const said = verdicts.map(({ says }) => `> ${says}`).join('\n>\n')
  publish(folder, `${spectra}\n${distances}\n\`thalweg compare\` says:\n\n${said}`, picture)
} finally {
  rmSync(work, { recursive: true })
}
