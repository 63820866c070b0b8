// `node --import tsx experiments/edge-accuracy/run.ts [--full]`: test accuracy and loss while the network goes through the edge of chaos.
import { parseArgs } from 'node:util'
import { loadBackend } from '../../src/node/train/backends.ts'
import { mnist } from '../../src/node/train/dataset.ts'
import type { Recipe } from '../../src/node/train/recipe.ts'
import { mnistTanh } from '../../src/node/train/recipes/mnist-tanh.ts'
import { train } from '../../src/node/train/train.ts'
import { edge } from '../../src/stages/edge/index.ts'
import type { EdgeValues } from '../../src/stages/edge/spec.ts'
import { small } from '../edge-law/network.ts'
import { captured } from '../lib/captured.ts'
import { chart } from '../lib/chart.ts'
import { halved } from '../lib/halved.ts'
import { publish } from '../lib/page.ts'
import { type Score, scorer } from '../lib/scorer.ts'
import { meanOf } from '../lib/statistics.ts'
import { table } from '../lib/table.ts'
import { watch } from '../lib/watch.ts'

const { full } = parseArgs({ options: { full: { type: 'boolean', default: false } } }).values
const base: Recipe = full ? mnistTanh : { ...small, data: () => ({ ...halved(), size: 6_400 }) }
const test = full ? mnist('t10k') : halved('t10k')
const seeds = full ? 10 : 2
const [batch, learningRate, epochs, looks] = full ? [32, 0.02, 500, 100] : [128, 0.2, 120, 40]
/** Factors λ of an L2 term λ‖w‖² in the loss; the trainer's option counts half as much. */
const decays = full
  ? [0, 1e-5, 5e-5, 9e-5, 1.5e-4, 3e-4, 5e-4, 1e-3]
  : [0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2]

interface Look extends Score {
  readonly epoch: number
  readonly j: number
  /** Norm of the Jacobian of the hidden map, iterated. */
  readonly norm: number
}

const { tf } = await loadBackend()
const score = scorer(tf, test)

async function follow(decay: number, seed: number): Promise<Look[]> {
  const { recipe, network } = captured(base)
  const perEpoch = Math.floor(recipe.data().size / batch)
  const every = Math.round((epochs / looks) * perEpoch)
  const scores: Score[] = []
  const stream = train(
    recipe,
    {
      ...{ optimizer: 'momentum', momentum: 0.5, learningRate, batch, weightDecay: 2 * decay },
      ...{ seed, steps: looks * every, every },
    },
    { onStep: () => scores.push(score(network())) }
  )
  const stage = edge({ per: 'tensor', look: { every: 1 } })
  const summaries = await watch(stream, 'edge', 'hidden/kernel', { block: 1 }, stage)
  const found = summaries.map(({ values }, i) => {
    const { j = 0, jacobianNorm: norm = 0, epoch = 0 } = values as unknown as EdgeValues
    return { ...scores[i]!, epoch, j, norm }
  })
  process.stderr.write(`λ = ${decay}, seed ${seed}: ${JSON.stringify(found.at(-1))}\n`)
  return found
}

const runs: { decay: number; courses: Look[][] }[] = []
for (const decay of decays) {
  const courses: Look[][] = []
  for (let seed = 0; seed < seeds; seed++) courses.push(await follow(decay, seed))
  runs.push({ decay, courses })
}

/** The look at which a course is best by some measure, the lower the better. */
const bestBy = (course: readonly Look[], of: (look: Look) => number): Look =>
  course.reduce((best, look) => (of(look) < of(best) ? look : best))
const lowestLoss = (course: readonly Look[]) => bestBy(course, ({ loss }) => loss)
const most = (course: readonly Look[]) => bestBy(course, ({ accuracy }) => -accuracy)
const over = (courses: readonly Look[][], of: (course: readonly Look[]) => number): number =>
  meanOf(courses.map(of))

const found = table([
  [
    ...['λ', 'J at the end', 'Jacobian norm', 'accuracy', 'test loss'],
    ...['lowest loss in epoch', 'at J', 'at norm', 'highest accuracy', 'at J'],
  ],
  ...runs.map(({ decay, courses }) => [
    decay === 0 ? '0' : decay.toExponential(0),
    over(courses, (own) => own.at(-1)!.j).toFixed(2),
    over(courses, (own) => own.at(-1)!.norm).toFixed(2),
    percent(over(courses, (own) => own.at(-1)!.accuracy)),
    over(courses, (own) => own.at(-1)!.loss).toFixed(3),
    over(courses, (own) => lowestLoss(own).epoch).toFixed(0),
    over(courses, (own) => lowestLoss(own).j).toFixed(2),
    over(courses, (own) => lowestLoss(own).norm).toFixed(2),
    percent(over(courses, (own) => most(own).accuracy)),
    over(courses, (own) => most(own).j).toFixed(2),
  ]),
])

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`
}

const picture = chart(
  { title: 'Test loss against J, of one seed', x: 'J', y: 'test loss' },
  runs.map(({ decay, courses }) => ({
    name: `λ = ${decay}`,
    points: courses[0]!.map(({ j, loss }) => [j, loss] as const),
  }))
)
publish(new URL('.', import.meta.url), found, picture)
