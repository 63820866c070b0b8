// `node --import tsx experiments/low-rank/run.ts [--full]`: low-rank training by OIALR beside dense training.
import { parseArgs } from 'node:util'
import { loadBackend } from '../../src/node/train/backends.ts'
import { mnist } from '../../src/node/train/dataset.ts'
import { stability } from '../../src/stages/stability/index.ts'
import type { StabilityValues } from '../../src/stages/stability/spec.ts'
import { chart } from '../lib/chart.ts'
import { halved } from '../lib/halved.ts'
import { publish } from '../lib/page.ts'
import { scorer } from '../lib/scorer.ts'
import { errorOf, meanOf } from '../lib/statistics.ts'
import { table } from '../lib/table.ts'
import { watch } from '../lib/watch.ts'
import { type Schedule, trainLowRank } from './train.ts'

const { full } = parseArgs({ options: { full: { type: 'boolean', default: false } } }).values
const [data, test] = full ? [mnist(), mnist('t10k')] : [halved(), halved('t10k')]
const units = full ? [784, 784, 784] : [128, 128]
const [seeds, epochs] = full ? [5, 40] : [3, 6]
const training = { data, units, batch: 128, epochs, learningRate: 0.2 }
const perEpoch = Math.floor(data.size / training.batch)
const frozen = full ? 10 : 1
const every = full ? 500 : 100
const after = (beta: number): Schedule => ({ delay: frozen * perEpoch, every, beta })
const settings: { name: string; schedule?: Schedule }[] = [
  { name: 'dense' },
  ...[0.2, 0.3, 0.4].map((beta) => ({ name: `β = ${beta}`, schedule: after(beta) })),
  { name: 'β = 0.4, no delay', schedule: { ...after(0.4), delay: 0 } },
]

const { tf } = await loadBackend()
const score = scorer(tf, test)

interface Look {
  readonly epoch: number
  readonly accuracy: number
  readonly trainable: number
  readonly ranks: readonly number[]
}

interface Course {
  readonly looks: readonly Look[]
  /** Ranks that the stage says would be kept, at the epoch in which bases are frozen. */
  readonly foreseen: readonly number[]
}

async function follow(schedule: Schedule | undefined, seed: number): Promise<Course> {
  const looks: Look[] = []
  const chunks: Uint8Array[] = []
  const own = { ...training, seed, ...(schedule ? { schedule } : {}) }
  const stream = trainLowRank(tf, own, ({ epoch, trainable, ranks, apply }) => {
    looks.push({ epoch, trainable, ranks, accuracy: score({ apply: apply as never }).accuracy })
  })
  for await (const chunk of stream) chunks.push(chunk.slice())
  const foreseen: number[] = []
  for (const i of units.keys()) {
    const stage = stability({ per: 'tensor', look: { every: 1 }, beta: schedule?.beta ?? 0.1 })
    const summaries = await watch(
      replay(chunks),
      'stability',
      `hidden${i + 1}/kernel`,
      { block: 1, emit: { every: 1 } },
      stage
    )
    const at = summaries.find(({ epoch = 0 }) => epoch >= frozen)!
    foreseen.push((at.values as unknown as StabilityValues).keptRank)
  }
  process.stderr.write(`${JSON.stringify({ ...schedule, seed, foreseen, ...looks.at(-1) })}\n`)
  return { looks, foreseen }
}

async function* replay(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

const runs: { name: string; delay: number; courses: Course[] }[] = []
for (const { name, schedule } of settings) {
  const courses: Course[] = []
  for (let seed = 0; seed < seeds; seed++) courses.push(await follow(schedule, seed))
  runs.push({ name, delay: schedule?.delay ?? Number.POSITIVE_INFINITY, courses })
}

const percent = (share: number, digits: number): string => `${(100 * share).toFixed(digits)} %`
const last = ({ looks }: Course): Look => looks.at(-1)!
const dense = runs[0]!.courses
const found = table([
  [
    ...['training', 'test accuracy', 'less dense, points', 'trainable at the end'],
    ...['mean over epochs', 'ranks at the end', `foreseen in epoch ${frozen}`],
  ],
  ...runs.map(({ name, delay, courses }) => {
    const gaps = courses.map((own, i) => 100 * (last(own).accuracy - last(dense[i]!).accuracy))
    const ranks = (of: (course: Course) => readonly number[]): string =>
      units.map((_, l) => meanOf(courses.map((own) => of(own)[l]!)).toFixed(0)).join(', ')
    const isDense = courses === dense
    return [
      name,
      percent(meanOf(courses.map((own) => last(own).accuracy)), 2),
      isDense ? '' : `${meanOf(gaps).toFixed(2)} ± ${errorOf(gaps).toFixed(2)}`,
      percent(meanOf(courses.map((own) => last(own).trainable)), 1),
      percent(meanOf(courses.map(({ looks }) => meanOf(looks.map((own) => own.trainable)))), 1),
      ranks((own) => last(own).ranks),
      delay === frozen * perEpoch ? ranks(({ foreseen }) => foreseen) : '',
    ]
  }),
])

const line = (name: string, of: (look: Look) => number, courses: readonly Course[]) => ({
  name,
  points: courses[0]!.looks.map(
    ({ epoch }, i) => [epoch, meanOf(courses.map(({ looks }) => of(looks[i]!)))] as const
  ),
})
const picture = chart(
  { title: 'Trainable share over epochs, mean over seeds', x: 'epoch', y: 'share' },
  runs.map(({ name, courses }) => line(name, ({ trainable }) => trainable, courses))
)
publish(new URL('.', import.meta.url), found, picture)
