// `node --import tsx experiments/cmd-averages/run.ts [--full]`: weights smoothed by CMD beside raw and averaged ones, and CMD embedded in training.
import { parseArgs } from 'node:util'
import { loadBackend } from '../../src/node/train/backends.ts'
import { mnist } from '../../src/node/train/dataset.ts'
import type { Recipe } from '../../src/node/train/recipe.ts'
import { mnistMlp } from '../../src/node/train/recipes/mnist-mlp.ts'
import type { CmdValues } from '../../src/stages/cmd/spec.ts'
import { chart } from '../lib/chart.ts'
import { halved } from '../lib/halved.ts'
import { publish } from '../lib/page.ts'
import { scorer } from '../lib/scorer.ts'
import { errorOf, meanOf } from '../lib/statistics.ts'
import { table } from '../lib/table.ts'
import { movingAverage, plainMean } from './averages.ts'
import { noisy } from './data.ts'
import { Embedding } from './embedding.ts'
import { fittingCmd, modelled } from './fitting.ts'
import { assign } from './flat.ts'
import { type Training, trainWatched } from './train.ts'

const { full } = parseArgs({ options: { full: { type: 'boolean', default: false } } }).values
const [seeds, size, epochs, units] = full ? [10, 60_000, 100, 128] : [5, 1_500, 100, 64]
const [learningRate, batch] = full ? [0.1, 64] : [0.2, 50]
const last = 10
const [warmup, window, share] = [20, 10, 0.1]
const labels = { clean: 0, 'a fifth wrong': 0.2 } as const
const names = [
  'raw',
  'EMA',
  'SWA',
  'mean',
  'CMD, post hoc',
  'CMD, online',
  'CMD, embedded',
] as const

const { tf } = await loadBackend()
const [trained, tested] = full ? [mnist(), mnist('t10k')] : [halved(), halved('t10k')]
const score = scorer(tf, tested)
const probe = network()

function network() {
  return tf.sequential({
    layers: [
      tf.layers.dense({ name: 'hidden1', inputShape: [trained.width], units, activation: 'relu' }),
      tf.layers.dense({ name: 'hidden2', units, activation: 'relu' }),
      tf.layers.dense({ name: 'output', units: 10 }),
    ],
  })
}

const isLate = (epoch: number): boolean => epoch > epochs - last
/** Whether an epoch is in the picture. */
const isSeen = (epoch: number): boolean => isLate(epoch) || epoch % 5 === 0

function accuracyOf(weights: Float32Array): number {
  assign(tf, probe, weights)
  return score(probe).accuracy
}

type Course = [epoch: number, accuracy: number][]
type Name = (typeof names)[number]

/** What one seed comes to. */
interface Outcome {
  /** Test accuracy of each kind of weights, the mean of the last epochs. */
  readonly accuracy: Readonly<Record<Name, number>>
  readonly course: Readonly<Record<'raw' | 'online' | 'embedded', Course>>
  readonly online: CmdValues
  /** Share of embedded weights at the end, and its mean over all epochs. */
  readonly embedded: number
  readonly saved: number
}

/** A run that nothing changes, with the accuracies of its smoothed weights beside its own. */
async function smoothed(training: Training) {
  const found: Record<Exclude<Name, 'CMD, embedded'>, number[]> = {
    ...{ raw: [], EMA: [], SWA: [], mean: [], 'CMD, post hoc': [], 'CMD, online': [] },
  }
  const course: Record<'raw' | 'online', Course> = { raw: [], online: [] }
  const online = fittingCmd({ id: 'online', warmup, choose: epochs, columns: 24 })
  const whole = fittingCmd({ id: 'whole', warmup: epochs, columns: 24 })
  const [moving, tail, all] = [movingAverage(0.9), plainMean(), plainMean()]
  const latest: Float32Array[] = []
  const summaries = await trainWatched(training, [online.stage, whole.stage], (epoch, weights) => {
    moving.add(weights)
    all.add(weights)
    if (epoch > 0.75 * epochs) tail.add(weights)
    const fit = online.fit()
    if (fit && isSeen(epoch)) {
      course.raw.push([epoch, accuracyOf(weights)])
      course.online.push([epoch, accuracyOf(modelled(fit, weights))])
    }
    if (!isLate(epoch)) return undefined
    latest.push(weights)
    found.raw.push(course.raw.at(-1)![1])
    found['CMD, online'].push(course.online.at(-1)![1])
    found.EMA.push(accuracyOf(moving.weights!))
    found.SWA.push(accuracyOf(tail.weights!))
    found.mean.push(accuracyOf(all.weights!))
    if (epoch === epochs) {
      const fit = whole.fit()!
      found['CMD, post hoc'].push(...latest.map((own) => accuracyOf(modelled(fit, own))))
    }
    return undefined
  })
  return { found, course, online: summaries.get('online')!.values as unknown as CmdValues }
}

/** The same run with modes embedded in it. */
async function withEmbedding(training: Training) {
  const course: Course = []
  const online = fittingCmd({ warmup, choose: epochs, columns: 24 })
  const embedding = new Embedding(share)
  const shares: number[] = []
  await trainWatched(training, [online.stage], (epoch, weights) => {
    if (epoch >= warmup && epoch % window === 0) embedding.extend(online.fit()!)
    const next = embedding.apply(weights)
    shares.push(embedding.embedded / weights.length)
    if (epoch >= warmup && isSeen(epoch)) course.push([epoch, accuracyOf(next)])
    return next
  })
  const late = course.filter(([epoch]) => isLate(epoch)).map(([, accuracy]) => accuracy)
  return { late, course, embedded: shares.at(-1)!, saved: meanOf(shares) }
}

async function outcomeOf(wrong: number, seed: number): Promise<Outcome> {
  const data = noisy(trained, size, wrong, seed)
  const recipe: Recipe = { ...mnistMlp, data: () => data, network }
  const training = { tf, recipe, learningRate, batch, epochs, seed }
  const { found, course, online } = await smoothed(training)
  const { late, course: embeddedCourse, embedded, saved } = await withEmbedding(training)
  const accuracies: Record<Name, number[]> = { ...found, 'CMD, embedded': late }
  const accuracy = Object.fromEntries(names.map((name) => [name, meanOf(accuracies[name])]))
  process.stderr.write(`${wrong}, seed ${seed}: ${JSON.stringify(accuracy)} ${saved}\n`)
  return {
    accuracy: accuracy as Outcome['accuracy'],
    course: { ...course, embedded: embeddedCourse },
    ...{ online, embedded, saved },
  }
}

const runs: { name: string; outcomes: Outcome[] }[] = []
for (const [name, wrong] of Object.entries(labels)) {
  const outcomes: Outcome[] = []
  for (let seed = 0; seed < seeds; seed++) outcomes.push(await outcomeOf(wrong, seed))
  runs.push({ name, outcomes })
}

const percent = (values: readonly number[], digits = 2): string =>
  `${(100 * meanOf(values)).toFixed(digits)} ± ${(100 * errorOf(values)).toFixed(digits)}`
const row = (name: string, of: (outcome: Outcome) => number, digits?: number) => [
  name,
  ...runs.map(({ outcomes }) => percent(outcomes.map(of), digits)),
]
const found = table([
  ['%', ...runs.map(({ name }) => `labels: ${name}`)],
  ...names.map((name) => row(name, ({ accuracy }) => accuracy[name])),
  row('online less EMA', ({ accuracy }) => accuracy['CMD, online'] - accuracy.EMA),
  row('embedded less raw', ({ accuracy }) => accuracy['CMD, embedded'] - accuracy.raw),
  row('embedded at the end', ({ embedded }) => embedded, 1),
  row('embedded, mean over epochs', ({ saved }) => saved, 1),
  row('explained by ten modes', ({ online }) => online.explained, 1),
  row('its null', ({ online }) => online.explainedNull, 1),
])

const kinds = ['raw', 'online', 'embedded'] as const
const picture = chart(
  { title: 'Test accuracy over epochs, mean over seeds', x: 'epoch', y: 'accuracy' },
  runs.flatMap(({ name, outcomes }, r) =>
    kinds.map((kind, k) => ({
      name: `${kind}, ${name}`,
      colour: k,
      dashed: r > 0,
      points: outcomes[0]!.course[kind].map(
        ([epoch], i) => [epoch, meanOf(outcomes.map(({ course }) => course[kind][i]![1]))] as const
      ),
    }))
  )
)
publish(new URL('.', import.meta.url), found, picture)
