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
/** Of so many groups none has a seed in common with another. */
const seedsApart = 10
const settings = ['koopman.delays=1', 'koopman.resamples=0'].map((own) => `stages.${own}`)

type Point = readonly [re: number, im: number]

await within('optimizers', async ({ full, folder }) => {
  const [replicates, steps] = full ? [10, 1000] : [6, 300]
  const pathOf = (name: string): string => join(folder, `${name}.ndjson`)
  for (const [g, { name, given }] of groups.entries()) {
    const size = ['--replicates', replicates, '--steps', steps, '--seed', g * seedsApart]
    const told = [...settings, 'emit.every=1000'].flatMap((setting) => ['--set', setting])
    await store(
      pathOf(name),
      own('train', 'mnist-width', ...size.map(String), ...given, '--quiet'),
      own('run', 'compare', '--quiet', ...told)
    )
  }
  const rows = compared(...groups.map(({ name }) => pathOf(name))).map((pair) => [
    pair.figure,
    pair.groups.join(' and '),
    pair.between.toFixed(4),
    pair.within.map((mean) => mean.toFixed(4)).join(', '),
    pair.ratio.toFixed(2),
    pair.test.p.toPrecision(2),
  ])
  const head = ['figure', 'groups', 'between', 'within', 'between / within', 'p']
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
