// `node --import tsx experiments/edge-law/run.ts [--full]`: the law by which J² grows, and the weight decay that stops it.
import { parseArgs } from 'node:util'
import { mnistTanh } from '../../src/node/train/recipes/mnist-tanh.ts'
import { train } from '../../src/node/train/train.ts'
import { edge } from '../../src/stages/edge/index.ts'
import type { EdgeValues } from '../../src/stages/edge/spec.ts'
import { chart } from '../lib/chart.ts'
import { publish } from '../lib/page.ts'
import { table } from '../lib/table.ts'
import { watch } from '../lib/watch.ts'
import { exponentOf } from './fit.ts'
import { small } from './network.ts'

const { full } = parseArgs({ options: { full: { type: 'boolean', default: false } } }).values
const recipe = full ? mnistTanh : small

interface Setting {
  readonly learningRate: number
  readonly momentum: number
  readonly batch: number
}

interface Look {
  readonly epoch: number
  readonly square: number
}

interface Course extends Setting {
  readonly looks: readonly Look[]
  /** What the stage says at the end. */
  readonly last: EdgeValues
}

/** Trains until the learning rates add up to `exposure`, freed of momentum, and follows the hidden matrix. */
async function follow(setting: Setting, exposure: number, weightDecay = 0): Promise<Course> {
  const { learningRate, momentum, batch } = setting
  const every = Math.max(1, Math.round((exposure * (1 - momentum)) / learningRate / 80))
  const optimizer = momentum > 0 ? 'momentum' : 'sgd'
  const options = { learningRate, momentum, batch, optimizer, weightDecay } as const
  const stream = train(recipe, { ...options, steps: 80 * every, every })
  const stage = edge({ per: 'tensor', inputs: 0, look: { every: 1 } })
  const summaries = await watch(stream, 'edge', 'hidden/kernel', { block: 1 }, stage)
  const values = summaries.map((own) => own.values as unknown as EdgeValues)
  const looks = values.map(({ j = 0, epoch = 0 }) => ({ epoch, square: j * j }))
  process.stderr.write(`${JSON.stringify({ ...options, J: Math.sqrt(looks.at(-1)!.square) })}\n`)
  return { ...setting, looks, last: values.at(-1)! }
}

/** The epoch at which J² comes to a value, between looks along a line. */
function reached({ looks }: Course, square: number): number {
  const at = looks.findIndex((look) => look.square >= square)
  if (at < 1) return Number.NaN
  const [before, after] = [looks[at - 1]!, looks[at]!]
  const share = (square - before.square) / (after.square - before.square)
  return before.epoch + share * (after.epoch - before.epoch)
}

const [from, to] = full ? [0.35, 0.6] : [0.32, 0.4]
const growth = (course: Course): number =>
  (to - from) / (reached(course, to) - reached(course, from))
const rate = ({ learningRate, momentum, batch }: Setting): number =>
  learningRate / ((1 - momentum) * batch)

const base: Setting = { learningRate: 0.1, momentum: 0, batch: 32 }
const exposure = full ? 2600 : 60
const sweeps = [
  {
    name: 'η',
    of: (own: Setting) => own.learningRate,
    settings: [0.05, 0.1, 0.2, 0.4].map((learningRate) => ({ ...base, learningRate })),
  },
  {
    name: '1 - α at η = 0.1',
    of: (own: Setting) => 1 - own.momentum,
    settings: [0, 0.5, 0.8].map((momentum) => ({ ...base, momentum })),
  },
  {
    name: '1 - α at η = 0.025',
    of: (own: Setting) => 1 - own.momentum,
    settings: [0, 0.5, 0.8].map((momentum) => ({ ...base, learningRate: 0.025, momentum })),
  },
  {
    name: 'B',
    of: (own: Setting) => own.batch,
    settings: [8, 16, 32, 64].map((batch) => ({ ...base, batch })),
  },
]

const known = new Map<string, Course>()
async function courseOf(setting: Setting): Promise<Course> {
  const key = JSON.stringify(setting)
  const course = known.get(key) ?? (await follow(setting, exposure))
  known.set(key, course)
  return course
}

const rows: (string | number)[][] = [['varied', 'values', 'growth of J² an epoch', 'a', 'exponent']]
for (const { name, of, settings } of sweeps) {
  const courses: Course[] = []
  for (const setting of settings) courses.push(await courseOf(setting))
  const { exponent, error } = exponentOf(courses.map(of), courses.map(growth))
  rows.push([
    name,
    courses.map((own) => Number(of(own).toFixed(3))).join(', '),
    courses.map((own) => growth(own).toPrecision(3)).join(', '),
    courses.map((own) => (growth(own) / rate(own)).toPrecision(3)).join(', '),
    `${exponent.toFixed(3)} ± ${error.toFixed(3)}`,
  ])
}
const courses = [...known.values()]
const arrivals = courses.map((own) => reached(own, to) * rate(own))
const mean = arrivals.reduce((sum, own) => sum + own, 0) / arrivals.length
const apart = Math.max(...arrivals.map((own) => Math.abs(own / mean - 1)))

// Parking: how far J goes without decay, and under the decay that the stage proposes, in the convention of the trainer.
const quick: Setting = { learningRate: 0.1, momentum: 0.8, batch: 32 }
const long = full ? 30000 : 2000
const free = await follow(quick, long)
const ordered = free.looks.filter(({ square }) => square < 1)
const late = ordered.slice(Math.floor(ordered.length / 2))
const lateRise = late.at(-1)!.square - late[0]!.square
const lateGrowth = lateRise / (late.at(-1)!.epoch - late[0]!.epoch)
const samples = recipe.data().size
const decays = [
  { name: 'a from the start to the edge', a: growthTo(ordered) / rate(quick) },
  { name: 'a of the second half before the edge', a: lateGrowth / rate(quick) },
]
const parked = [['weight decay', 'a', 'λ*', 'J at half the run', 'J at its end']]
const ends = ({ looks }: Course): string[] =>
  [looks[looks.length >> 1]!, looks.at(-1)!].map(({ square }) => Math.sqrt(square).toFixed(3))
parked.push(['none', '', '', ...ends(free)])
const runs: { name: string; course: Course }[] = [{ name: 'no decay', course: free }]
for (const { name, a } of decays) {
  const decay = a / (4 * samples)
  const course = await follow(quick, long, 2 * decay)
  runs.push({ name: `λ* = ${decay.toExponential(1)}`, course })
  parked.push([`λ* by ${name}`, a.toPrecision(3), decay.toExponential(2), ...ends(course)])
}

function growthTo(looks: readonly Look[]): number {
  const [first, last] = [looks[0]!, looks.at(-1)!]
  return (last.square - first.square) / (last.epoch - first.epoch)
}

const found = [
  table(rows),
  `J² = ${to} is reached at η · epochs / ((1 - α) B) = ${mean.toPrecision(3)}, the farthest of ${courses.length} runs ${(100 * apart).toFixed(0)} % off.`,
  table(parked),
].join('\n')
const picture = chart(
  { title: 'J with and without the weight decay λ*', x: 'epoch', y: 'J' },
  runs.map(({ name, course }) => ({
    name,
    points: course.looks.map(({ epoch, square }) => [epoch, Math.sqrt(square)] as const),
  }))
)
publish(new URL('.', import.meta.url), found, picture)
