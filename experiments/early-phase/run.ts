// `node --import tsx experiments/early-phase/run.ts [--full] [--runs folder]`: Koopman spectra of windows of a convolutional network's
// training from several seeds, compared window by window. `--runs` keeps the stored summaries, and goes on from what is there.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Compared, compared } from '../lib/compared.ts'
import { heat } from '../lib/heat.ts'
import { publish } from '../lib/page.ts'
import type { Point } from '../lib/spectra.ts'
import { meanOf } from '../lib/statistics.ts'
import { storedOf } from '../lib/summaries.ts'
import { table } from '../lib/table.ts'
import { own, store } from '../lib/thalweg.ts'
import { within } from '../lib/work.ts'

const here = new URL('.', import.meta.url)
const pipeline = fileURLToPath(new URL('pipeline.json', here))
/** Steps in a window. */
const length = 40

await within('early-phase', async ({ full, folder }) => {
  const [seeds, windows] = full ? [10, 24] : [6, 12]
  const all = Array.from({ length: seeds }, (_, seed) => seed)
  /** Windows by their last steps. */
  const ends = Array.from({ length: windows }, (_, w) => length * (w + 1))
  const groupOf = (end: number): string => join(folder, String(end))
  const pathOf = (end: number, seed: number): string => join(groupOf(end), `${seed}.ndjson`)
  for (const seed of all) {
    const missing = ends.filter((end) => !existsSync(pathOf(end, seed)))
    if (missing.length === 0) continue
    const recording = join(folder, `${seed}.stream`)
    const size = ['--steps', length * windows, '--seed', seed].map(String)
    await store(recording, own('train', 'mnist-lenet', ...size, '--quiet'))
    for (const end of missing) {
      const part = [`select.from=${end - length + 1}`, `select.to=${end}`]
      const told = ['--input', recording, ...part.flatMap((own) => ['--set', own]), '--quiet']
      await store(pathOf(end, seed), own('run', pipeline, ...told))
    }
    rmSync(recording)
  }

  const found = compared(...ends.map(groupOf))
  const last = ends.at(-1)!
  const rows = ends.map((end, w) => {
    const of = (stage: string) => all.map((seed) => storedOf(pathOf(end, seed), stage)[0]!.values)
    const mean = (stage: string, figure: string): string =>
      meanOf(of(stage).map((values) => values[figure] as number)).toFixed(2)
    const noise = of('koopman').filter(({ verdict }) => verdict === 'noise').length
    const spectra = of('koopman').map(({ eigenvalues }) => eigenvalues as Point[])
    return [
      `${end - length + 1} to ${end}`,
      mean('metrics', 'loss'),
      mean('health', 'updateCosine'),
      ...['explained', 'explainedNull'].map((figure) => mean('koopman', figure)),
      `${noise} of ${seeds}`,
      span(spectra.map((own) => Math.max(...own.map(([re, im]) => Math.hypot(re, im))))),
      span(spectra.map((own) => Math.min(...own.map(([re]) => re)))),
      ...[ends[w + 1], last].flatMap((other) => cellsOf(pairOf(found, end, other))),
    ]
  })
  const ofNext = ['to the next', 'p', 'to the last', 'p']
  const ofEach = ['steps', 'loss', 'cosine of steps', 'explained', 'of a walk', 'noise']
  const head = [...ofEach, 'largest modulus', 'least real part', ...ofNext]
  const picture = heat(
    'log10 of the mean distance of runs in two windows, by their last steps',
    ends.map(String),
    ends.map((a) => ends.map((b) => Math.log10(distanceOf(found, a, b))))
  )
  publish(here, table([head, ...rows]), picture)
})

function pairOf(all: readonly Compared[], a: number, b: number | undefined): Compared | undefined {
  if (a === b) return undefined
  return all.find(({ groups }) => groups.includes(String(a)) && groups.includes(String(b)))
}

function cellsOf(pair: Compared | undefined): [ratio: string, p: string] {
  return pair ? [pair.ratio.toFixed(2), pair.test.p.toPrecision(2)] : ['', '']
}

/** Mean distance of runs in one window to those in another; of one window, between its runs. */
function distanceOf(all: readonly Compared[], a: number, b: number): number {
  if (a !== b) return pairOf(all, a, b)!.between
  const { groups, within } = all.find(({ groups }) => groups.includes(String(a)))!
  return within[groups.indexOf(String(a))]!
}

function span(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`
}
