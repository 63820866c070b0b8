// `node --import tsx experiments/width/run.ts [--full] [--runs folder]`: Koopman spectra of networks of three widths, by the command line and by
// the published way in NumPy. `--runs` keeps what was stored, and goes on from what is there.
import { existsSync, readFileSync, rmSync } from 'node:fs'
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
const [pipeline, published] = ['pipeline.json', '../lib/published.py'].map((name) =>
  fileURLToPath(new URL(name, here))
) as [string, string]

const widths = [5, 10, 40] as const
type Width = (typeof widths)[number]

/** Delays that are alike for all widths, and by width: the published ones, or a quarter of them. */
const paper = { seeds: 25, steps: 1000, members: 10, alike: 32, scaled: { 5: 64, 10: 32, 40: 8 } }
const small = { seeds: 10, steps: 500, members: 3, alike: 8, scaled: { 5: 16, 10: 8, 40: 2 } }

/** Between over within of the spectra that the authors released. */
const released: Readonly<Record<string, string>> = { '5 and 40': '1.4 to 1.7', '10 and 40': '1.07' }

await within('width', async ({ full, folder }) => {
  const { seeds, steps, members, alike, scaled } = full ? paper : small
  const all = Array.from({ length: seeds }, (_, seed) => seed)
  const pathOf = (units: Width, seed: number) => join(folder, `h${units}`, String(seed))
  for (const seed of all) {
    for (const units of widths) {
      const [summaries, spectra] = ['ndjson', 'json'].map(
        (ending) => `${pathOf(units, seed)}.${ending}`
      ) as [string, string]
      if (existsSync(summaries) && existsSync(spectra)) continue
      const recording = join(folder, `h${units}-${seed}.stream`)
      const given = ['--hidden', units, '--seed', seed, '--steps', steps, '--members', members]
      const options = [...given.map(String), '--perturb', '0.1%', '--quiet']
      const delays = [scaled[units], alike].map(String)
      const told = ['--set', `stages.koopman.delays=${alike}`, '--quiet']
      await store(recording, own('train', 'mnist-width', ...options))
      await store(summaries, own('run', pipeline, '--input', recording, ...told))
      await store(spectra, ['python3', published, recording, 'output/kernel', ...delays])
      rmSync(recording)
    }
  }

  /** By way, 0 for delays by width and 1 for those alike: the spectra of all seeds. */
  const spectraOf = (units: Width, way: 0 | 1): Point[][] =>
    all.map((seed) => {
      const text = readFileSync(`${pathOf(units, seed)}.json`, 'utf8')
      return (JSON.parse(text) as Point[][])[way]!
    })
  const found = [
    ...pairs().flatMap(([a, b]) =>
      (['delays by width', 'delays alike'] as const).map((name, way) => ({
        ...spread(spectraOf(a, way as 0 | 1), spectraOf(b, way as 0 | 1)),
        way: `published, ${name}`,
        pair: `${a} and ${b}`,
        released: way === 0 ? (released[`${a} and ${b}`] ?? '') : '',
      }))
    ),
    ...compared(...widths.map((units) => join(folder, `h${units}`)), '--across').map((own) => ({
      ...own,
      way: 'koopman on svd, delays alike',
      pair: own.groups.map((name) => name.slice(1)).join(' and '),
      released: '',
    })),
  ].sort((a, b) => b.way.localeCompare(a.way))
  const rows = found.map((own) => [
    ...[own.way, own.pair, own.between.toFixed(4)],
    ...[own.within.map((mean) => mean.toFixed(4)).join(', '), own.ratio.toFixed(2)],
    ...[own.released, own.test.p.toPrecision(2)],
  ])
  const head = ['spectra', 'widths', 'between', 'within', 'between / within', 'released', 'p']
  const picture = chart(
    { title: 'Published eigenvalues of all seeds', x: 'real part', y: 'imaginary part' },
    widths.map((units) => ({
      name: `h = ${units}`,
      points: spectraOf(units, 0)
        .flat()
        .filter(([, im]) => im >= 0),
      dots: true,
    }))
  )
  publish(here, table([head, ...rows]), picture)
})

function pairs(): [Width, Width][] {
  return widths.flatMap((a, i) => widths.slice(i + 1).map((b): [Width, Width] => [a, b]))
}
