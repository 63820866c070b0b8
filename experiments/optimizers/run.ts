// `node --import tsx experiments/optimizers/run.ts [--full] [--runs folder]`: two optimizers at two learning rates of one network, each
// from several seeds, and what `thalweg compare` says of each pair. `--runs` keeps the stored summaries.
import { join } from 'node:path'
import { chart } from '../lib/chart.ts'
import { compared } from '../lib/compared.ts'
import { publish } from '../lib/page.ts'
import { storedOf } from '../lib/summaries.ts'
import { table } from '../lib/table.ts'
import { own, store } from '../lib/thalweg.ts'
import { within } from '../lib/work.ts'

/** Momentum 0.9 takes ten times its learning rate in the long run. The last group is the first one from other seeds. */
const groups = [
  { name: 'sgd-0.1', given: ['--learning-rate', '0.1'] },
  { name: 'sgd-0.05', given: ['--learning-rate', '0.05'] },
  { name: 'momentum-0.01', given: ['--optimizer', 'momentum', '--learning-rate', '0.01'] },
  { name: 'momentum-0.005', given: ['--optimizer', 'momentum', '--learning-rate', '0.005'] },
  { name: 'sgd-0.1-again', given: ['--learning-rate', '0.1'] },
]
/** No two groups have a seed in common. */
const seedsApart = 10
const settings = ['stages.koopman.delays=1', 'stages.koopman.resamples=0', 'emit.every=1000']

const figures = ['koopman eigenvalues', 'path trajectoryMap', 'path weightMap']
/** The group of other seeds stands beside the one that it repeats alone. */
const isAsked = (pair: string): boolean =>
  !pair.includes('again') || pair === 'sgd-0.1 and sgd-0.1-again'

type Point = readonly [re: number, im: number]

await within('optimizers', async ({ full, folder }) => {
  const [replicates, steps] = full ? [10, 1000] : [6, 300]
  const pathOf = (name: string): string => join(folder, `${name}.ndjson`)
  for (const [g, { name, given }] of groups.entries()) {
    const size = ['--replicates', replicates, '--steps', steps, '--seed', g * seedsApart]
    const told = settings.flatMap((setting) => ['--set', setting])
    await store(
      pathOf(name),
      own('train', 'mnist-width', ...size.map(String), ...given, '--quiet'),
      own('run', 'compare', '--quiet', ...told)
    )
  }
  const pairs = compared(...groups.map(({ name }) => pathOf(name)))
  const names = [...new Set(pairs.map((pair) => pair.groups.join(' and ')))].filter(isAsked)
  const rows = names.map((name) => {
    const own = pairs.filter((pair) => pair.groups.join(' and ') === name)
    const cells = figures.flatMap((figure) => {
      const { ratio, test } = own.find((pair) => pair.figure === figure)!
      return [ratio.toFixed(2), test.p.toPrecision(2)]
    })
    return [name, ...cells]
  })
  const head = ['groups', ...figures.flatMap((figure) => [figure, 'p'])]
  const picture = chart(
    { title: 'Eigenvalues of all replicates', x: 'real part', y: 'imaginary part' },
    groups.slice(0, 4).map(({ name }) => ({
      name,
      points: lastSpectra(pathOf(name)).filter(([, im]) => im >= 0),
      dots: true,
    }))
  )
  publish(new URL('.', import.meta.url), table([head, ...rows]), picture)
})

/** The last eigenvalues of each run in a file. */
function lastSpectra(path: string): Point[] {
  const last = new Map(storedOf(path, 'koopman').map((own) => [own.run, own.values.eigenvalues]))
  return [...last.values()].flat() as Point[]
}
