// `node --import tsx experiments/equivalence/run.ts`: the spectra of the two optimizers through the command line, beside the released ones,
// and what `thalweg compare` says of them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chart } from '../lib/chart.ts'
import { publish } from '../lib/page.ts'
import { distance, type Point } from '../lib/spectra.ts'
import { table } from '../lib/table.ts'
import { thalweg } from '../lib/thalweg.ts'
import { streamOf } from './stream.ts'

const folder = new URL('.', import.meta.url)
const { eigenvalues: released } = JSON.parse(
  readFileSync(new URL('../../test/golden/redman.json', import.meta.url), 'utf8')
) as { eigenvalues: Record<'omd' | 'ogd' | 'bisection', Point[]> }
const work = mkdtempSync(join(tmpdir(), 'equivalence-'))

/** Analyses the stream of an optimizer, stores its summaries and gives its last spectrum. */
function spectrumOf(name: 'omd' | 'ogd'): Point[] {
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
  const [omd, ogd] = [spectrumOf('omd'), spectrumOf('ogd')]
  const files = ['omd', 'ogd'].map((name) => join(work, `${name}.ndjson`))
  const said = thalweg(['compare', ...files])
    .split('\n\n')[0]!
    .replaceAll('\n', ' ')
  const columns = {
    OMD: omd,
    'OMD, released': released.omd,
    OGD: ogd,
    'OGD, released': released.ogd,
  }
  const rows = Object.values(columns).map(moduli)
  const spectra = table([
    ['|μ|', ...Object.keys(columns)],
    ...rows[0]!.map((_, i) => [i + 1, ...rows.map((own) => own[i]!.toFixed(4))]),
  ])
  const distances = table([
    ['pair', 'distance here', 'distance of the released spectra'],
    ['OMD and OGD', distance(omd, ogd).toFixed(6), distance(released.omd, released.ogd).toFixed(6)],
    ['OMD and bisection', '', distance(released.omd, released.bisection).toFixed(6)],
    ['OGD and bisection', '', distance(released.ogd, released.bisection).toFixed(6)],
  ])
  const series = { ...columns, 'bisection, released': released.bisection }
  const picture = chart(
    { title: 'Moduli of Koopman eigenvalues', x: 'rank', y: '|μ|' },
    Object.entries(series).map(([name, points], i) => ({
      name,
      points: moduli(points).map((modulus, rank): [number, number] => [rank + 1, modulus]),
      dashed: name.endsWith('released'),
      colour: i >> 1,
    }))
  )
  publish(folder, `${spectra}\n${distances}\n\`thalweg compare\` says: ${said}`, picture)
} finally {
  rmSync(work, { recursive: true })
}
