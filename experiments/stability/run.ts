// `node --import tsx experiments/stability/run.ts [--full]`: how far bases turn from look to look, beside random steps of that size.
import { parseArgs } from 'node:util'
import { type Dataset, mnist } from '../../src/node/train/dataset.ts'
import { stability } from '../../src/stages/stability/index.ts'
import type { StabilityValues } from '../../src/stages/stability/spec.ts'
import { chart } from '../lib/chart.ts'
import { halved } from '../lib/halved.ts'
import { publish } from '../lib/page.ts'
import { errorOf, meanOf } from '../lib/statistics.ts'
import { table } from '../lib/table.ts'
import { watch } from '../lib/watch.ts'
import { schedules, trainDense } from './train.ts'

const { full } = parseArgs({ options: { full: { type: 'boolean', default: false } } }).values
const data: Dataset = full ? mnist() : { ...halved(), size: 6_400 }
const units = full ? [784, 784, 784] : [128, 128]
const seeds = full ? 5 : 3
const training = { data, units, batch: 128, epochs: full ? 100 : 40, learningRate: 0.1 }
const layers = units.map((_, i) => `hidden${i + 1}`)
const names = Object.keys(schedules) as (keyof typeof schedules)[]

interface Look {
  readonly epoch: number
  readonly values: StabilityValues
}

/** Looks at a layer every five epochs, from the second on: the first has nothing to compare with but the start. */
async function looksOf(schedule: keyof typeof schedules, seed: number): Promise<Look[][]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of trainDense({ ...training, schedule, seed })) chunks.push(chunk.slice())
  const found: Look[][] = []
  for (const layer of layers) {
    const stage = stability({ per: 'tensor', look: { every: 5, of: 'epochs' }, seed })
    const summaries = await watch(
      streamOf(chunks),
      'stability',
      `${layer}/kernel`,
      { block: 1, emit: { every: 5 } },
      stage
    )
    const looks = summaries.map(({ epoch = 0, values }) => {
      return { epoch, values: values as unknown as StabilityValues }
    })
    found.push(looks.filter(({ values }, i) => values.looks > (looks[i - 1]?.values.looks ?? 1)))
  }
  process.stderr.write(`${schedule}, seed ${seed}: ${found[0]!.length} looks\n`)
  return found
}

async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

const rows: string[][] = [
  [
    ...['learning rate', 'layer', 'first look', 'null', 'last look', 'null'],
    ...['excess after the first look', 'flips', 'verdicts'],
  ],
]
const series = []
for (const [s, schedule] of names.entries()) {
  const runs: Look[][][] = []
  for (let seed = 0; seed < seeds; seed++) runs.push(await looksOf(schedule, seed))
  for (const [l, layer] of layers.entries()) {
    const own = runs.map((run) => run[l]!)
    const at = (place: number, figure: 'stability' | 'stabilityNull') =>
      meanOf(own.map((looks) => looks.at(place)!.values[figure])).toFixed(4)
    const excess = own.map((looks) => meanOf(looks.slice(1).map(({ values }) => values.excess)))
    const flips = own.flat().reduce((sum, { values }) => sum + values.flips, 0)
    const verdicts = own.map((looks) => looks.at(-1)!.values.basis)
    rows.push([
      ...[schedule, layer, at(0, 'stability'), at(0, 'stabilityNull')],
      ...[at(-1, 'stability'), at(-1, 'stabilityNull')],
      ...[
        `${meanOf(excess).toFixed(4)} ± ${errorOf(excess).toFixed(4)}`,
        String(flips),
        verdicts.join(', '),
      ],
    ])
    const line = (figure: 'stability' | 'stabilityNull') =>
      own[0]!.map((_, i) => {
        const value = meanOf(own.map((looks) => looks[i]!.values[figure]))
        return [own[0]![i]!.epoch, value] as const
      })
    const name = `${schedule}, ${layer}`
    const colour = s * layers.length + l
    series.push({ name, colour, points: line('stability') })
    series.push({ name: 'its null', colour, dashed: true, points: line('stabilityNull') })
  }
}

const picture = chart(
  { title: 'Stability of bases over five epochs, and its null', x: 'epoch', y: 'stability' },
  series
)
publish(new URL('.', import.meta.url), table(rows), picture)
