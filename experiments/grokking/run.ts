// `node --import tsx experiments/grokking/run.ts [--full] [--runs folder]`: spectra of the first steps of trainings that grok and of others
// that do not, by the command line and by the published way in NumPy. `--runs` keeps what was stored.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chart } from '../lib/chart.ts'
import { compared } from '../lib/compared.ts'
import { publish } from '../lib/page.ts'
import { type Point, spread } from '../lib/spectra.ts'
import { table } from '../lib/table.ts'
import { own, store } from '../lib/thalweg.ts'
import { within } from '../lib/work.ts'

const here = new URL('.', import.meta.url)
const [train, pipeline, published] = ['train.py', 'pipeline.json', '../lib/published.py'].map(
  (name) => fileURLToPath(new URL(name, here))
) as [string, string, string]

/** The last group is the first one from other seeds. */
const groups = [
  { name: 'grokking', kind: 'grokking' },
  { name: 'constrained', kind: 'constrained' },
  { name: 'memorising', kind: 'memorising' },
  { name: 'grokking-again', kind: 'grokking' },
]
/** No two groups have a seed in common. */
const seedsApart = 100
const pairs = [
  { a: 'grokking', b: 'grokking-again', released: '' },
  { a: 'grokking', b: 'constrained', released: 'about 10' },
  { a: 'grokking', b: 'memorising', released: '' },
  { a: 'memorising', b: 'constrained', released: '' },
]

const task = ['--p', 113, '--width', 128, '--share', 0.3, '--rate', 1e-3, '--decay', 1]
const paper = [...task, '--members', 10, '--steps', 40_000].map(String)

/** A step, and the accuracies on the pairs that are trained on and on the others. */
type Look = readonly [step: number, trained: number, held: number]

await within('grokking', async ({ full, folder }) => {
  const replicates = full ? 10 : 5
  const all = Array.from({ length: replicates }, (_, i) => i)
  const pathOf = (name: string, i: number) => join(folder, name, String(i))
  const looks = (name: string): Look[][] => all.map((i) => read(`${pathOf(name, i)}.looks.json`))
  const spectra = (name: string): Point[][] =>
    all.map((i) => (read(`${pathOf(name, i)}.json`) as Point[][])[0]!)
  for (const i of all) {
    for (const [g, { name, kind }] of groups.entries()) {
      const path = pathOf(name, i)
      const recording = join(folder, `${name}-${i}.thalweg`)
      const told = ['--seed', String(seedsApart * g + i), '--out', recording]
      const size = full ? paper : []
      await store(`${path}.looks.json`, ['python3', train, kind, ...told, ...size])
      const asPublished = [recording, 'mlp_out', '32', '--components', '10']
      await store(`${path}.json`, ['python3', published, ...asPublished])
      await store(`${path}.ndjson`, own('run', pipeline, '--input', recording, '--quiet'))
      rmSync(recording, { force: true })
    }
  }

  const outcome = groups.map(({ name }) => {
    const found = looks(name)
    const largest = spectra(name).map((own) =>
      Math.max(...own.map(([re, im]) => Math.hypot(re, im)))
    )
    return [
      ...[name, rangeOf(found, 1, 0.9), rangeOf(found, 2, 0.5)],
      span(found.map((own) => own.at(-1)![2])),
      span(largest, 3),
    ]
  })
  const ends = ['right on 90 % of the trained', 'on half of the others', 'others at the end']
  const stored = compared(...groups.map(({ name }) => join(folder, name)))
  const rows = pairs.map(({ a, b, released }) => {
    const { ratio, test } = spread(spectra(a), spectra(b))
    const figures = ['koopman eigenvalues', 'path trajectoryMap'].map(
      (figure) => stored.find((own) => own.figure === figure && isOf(own.groups, a, b))!
    )
    const cells = [{ ratio, test }, ...figures].flatMap((own) => [
      own.ratio.toFixed(2),
      own.test.p.toPrecision(2),
    ])
    return [`${a} and ${b}`, released, ...cells]
  })
  const head = ['groups', 'released', 'published', 'p', 'koopman', 'p', 'path map', 'p']
  const picture = chart(
    { title: 'Published eigenvalues of the first 100 steps', x: 'real part', y: 'imaginary part' },
    groups.slice(0, 3).map(({ name }) => ({
      name,
      points: spectra(name)
        .flat()
        .filter(([, im]) => im >= 0),
      dots: true,
    }))
  )
  const found = [table([['group', ...ends, 'largest modulus'], ...outcome]), table([head, ...rows])]
  publish(here, found.join('\n'), picture)
})

function read(path: string) {
  return JSON.parse(readFileSync(path, 'utf8'))
}

function isOf(groups: readonly string[], a: string, b: string): boolean {
  return groups.includes(a) && groups.includes(b)
}

/** Steps after which runs are right on so much of a part, and how many ever are. */
function rangeOf(runs: readonly Look[][], part: 1 | 2, accuracy: number): string {
  const steps = runs.flatMap((own) => own.find((look) => look[part] >= accuracy)?.[0] ?? [])
  if (steps.length === 0) return 'none'
  const some = steps.length < runs.length ? ` (${steps.length} of ${runs.length})` : ''
  return `${span(steps, 0)}${some}`
}

function span(values: readonly number[], digits = 2): string {
  const [low, high] = [Math.min(...values), Math.max(...values)].map((own) => own.toFixed(digits))
  return low === high ? low! : `${low} to ${high}`
}
