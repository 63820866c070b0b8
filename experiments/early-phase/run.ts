// `node --import tsx experiments/early-phase/run.ts [--full] [--runs folder]`: Koopman spectra of windows of a convolutional network's
// training, and of a dense one's, over several seeds. `--runs` keeps the stored summaries.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Compared, compared } from '../lib/compared.ts'
import { heat } from '../lib/heat.ts'
import { publish } from '../lib/page.ts'
import { storedOf } from '../lib/summaries.ts'
import { table } from '../lib/table.ts'
import { own, store } from '../lib/thalweg.ts'
import { within } from '../lib/work.ts'

const here = new URL('.', import.meta.url)
const pipeline = fileURLToPath(new URL('pipeline.json', here))
const networks = ['mnist-lenet', 'mnist-width'] as const
/** Steps in a window, as in the pipeline. */
const length = 40

await within('early-phase', async ({ full, folder }) => {
  const [seeds, steps] = full ? [10, 960] : [5, 320]
  const windows = Array.from({ length: steps / length }, (_, w) => `${length * (w + 1)}`)
  const found: Compared[][] = []
  for (const network of networks) {
    for (let seed = 0; seed < seeds; seed++) {
      const path = join(folder, network, `${seed}.ndjson`)
      const size = ['--steps', steps, '--seed', seed].map(String)
      await store(path, own('train', network, ...size, '--quiet'), own('run', pipeline, '--quiet'))
      cut(path, join(folder, `${network}-windows`), seed)
    }
    found.push(compared(...windows.map((w) => join(folder, `${network}-windows`, w))))
  }
  const last = windows.at(-1)!
  const cells = (own: readonly Compared[], from: string, to: string | undefined) => {
    const pair = own.find(({ groups: [a, b] }) => a === from && b === to)
    return pair ? [pair.ratio.toFixed(2), pair.test.p.toPrecision(2)] : ['', '']
  }
  const rows = windows.map((w, i) => [
    `${Number(w) - length + 1} to ${w}`,
    ...found.flatMap((own) => [...cells(own, w, windows[i + 1]), ...cells(own, w, last)]),
  ])
  const head = networks.flatMap((name) => [`${name}: to the next`, 'p', 'to the last', 'p'])
  const picture = heat(
    'LeNet: log10 of the distance between windows of other seeds',
    windows,
    windows.map((a) => windows.map((b) => Math.log10(distanceOf(found[0]!, a, b))))
  )
  publish(here, table([['steps', ...head], ...rows]), picture)
})

/** Puts the summary at the end of each window into a file of its own, by window. */
function cut(path: string, folder: string, seed: number): void {
  for (const summary of storedOf(path, 'koopman')) {
    const part = join(folder, String(summary.step), `${seed}.ndjson`)
    mkdirSync(dirname(part), { recursive: true })
    writeFileSync(part, `${JSON.stringify(summary)}\n`)
  }
}

/** Mean distance of runs in one window to those in another; of one window, between its runs. */
function distanceOf(all: readonly Compared[], a: string, b: string): number {
  for (const { groups, between, within } of all) {
    if (a === b && groups.includes(a)) return within[groups.indexOf(a)]!
    if (a !== b && groups.includes(a) && groups.includes(b)) return between
  }
  return Number.NaN
}
