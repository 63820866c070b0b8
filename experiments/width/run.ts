// `node --import tsx experiments/width/run.ts [--full] [--runs folder]`: Koopman spectra of networks of three widths, through the command
// line. `--runs` keeps the stored summaries, and goes on from those that are there.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chart } from '../lib/chart.ts'
import { compared } from '../lib/compared.ts'
import { publish } from '../lib/page.ts'
import { storedOf } from '../lib/summaries.ts'
import { table } from '../lib/table.ts'
import { own, store } from '../lib/thalweg.ts'
import { within } from '../lib/work.ts'

const here = new URL('.', import.meta.url)
const pipeline = fileURLToPath(new URL('pipeline.json', here))
const widths = [5, 10, 40] as const

/** Delays of the stage `alike`, and of `scaled` by units of the hidden layer: the published ones, or a quarter of them. */
const paper = { seeds: 25, steps: 1000, members: 10, scaled: { 5: 64, 10: 32, 40: 8 }, alike: 32 }
const small = { seeds: 10, steps: 500, members: 3, scaled: { 5: 16, 10: 8, 40: 2 }, alike: 8 }

/** Between over within of the spectra that the authors released. */
const released: Readonly<Record<string, string>> = {
  'h5 and h40': '1.4 to 1.7',
  'h10 and h40': '1.07',
}

type Point = readonly [re: number, im: number]

await within('width', async ({ full, folder }) => {
  const { seeds, steps, members, scaled, alike } = full ? paper : small
  const all = Array.from({ length: seeds }, (_, seed) => seed)
  const pathOf = (units: number, seed: number) => join(folder, `h${units}`, `${seed}.ndjson`)
  for (const seed of all) {
    for (const units of widths) {
      const given = ['--hidden', units, '--seed', seed, '--steps', steps, '--members', members]
      const settings = [`stages.scaled.delays=${scaled[units]}`, `stages.alike.delays=${alike}`]
      await store(
        pathOf(units, seed),
        own('train', 'mnist-width', ...given.map(String), '--perturb', '0.1%', '--quiet'),
        own('run', pipeline, '--quiet', ...settings.flatMap((setting) => ['--set', setting]))
      )
    }
  }
  const groups = widths.map((units) => join(folder, `h${units}`))
  const rows = compared(...groups, '--across').map((pair) => {
    const name = pair.groups.join(' and ')
    const [stage] = pair.figure.split(' ') as [string]
    const inner = pair.within.map((mean) => mean.toFixed(4)).join(', ')
    const ratio = [pair.ratio.toFixed(2), (stage === 'scaled' && released[name]) || '']
    return [stage, name, pair.between.toFixed(4), inner, ...ratio, pair.test.p.toPrecision(2)]
  })
  const head = ['delays', 'widths', 'between', 'within', 'between / within', 'released', 'p']
  const upper = (units: number): Point[] =>
    all
      .flatMap((seed) => {
        const { values } = storedOf(pathOf(units, seed), 'alike').at(-1)!
        return values.eigenvalues as Point[]
      })
      .filter(([, im]) => im >= 0)
  const picture = chart(
    { title: 'Eigenvalues of all seeds, delays alike', x: 'real part', y: 'imaginary part' },
    widths.map((units) => ({ name: `h = ${units}`, points: upper(units), dots: true }))
  )
  publish(here, table([head, ...rows]), picture)
})
