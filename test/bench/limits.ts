// What each stage must spend on a step, flops and bytes, what the engine could do in that time, and what is reached.
import { parseSettings } from '../../src/engine/settings/parse.ts'
import {
  cmd,
  edge,
  ftle,
  health,
  koopman,
  path,
  phases,
  spectrum,
  stability,
  svd,
} from '../../src/index.ts'
import { explain } from '../../src/node/cli/explain.ts'
import type { StageValue } from '../../src/stage/define.ts'
import type { OpenFrame } from '../../src/wire/frame.ts'
import { FrameReader } from '../../src/wire/reader.ts'
import { type Ceiling, peaks, plainCopy } from './ceilings.ts'
import { clocked, secondsOf } from './stage-clock.ts'
import { streamOf } from './streams.ts'
import { table, takeTurns } from './timing.ts'

const shape = [512, 512]
const rows = 512 * 512
const steps = 128
const members = 2
const block = 16

const stages: readonly StageValue[] = [
  health(),
  svd({ walks: false }),
  cmd(),
  ftle(),
  koopman({ on: 'svd' }),
  path(),
  edge(),
  stability(),
  spectrum(),
  phases(),
]

/** Two members of one matrix; each stage is timed in the same run, which is taken `turns` times. */
export async function limitTable(turns: number): Promise<string> {
  const ceilings: Record<string, Ceiling> = { ...(await peaks('base')), copy: plainCopy() }
  const works = explain(openOf(), settingsWith(stages)).cost
  const took = new Map(works.map(({ stage }) => [stage, [] as number[]]))
  const times = takeTurns(
    [
      ...Object.entries(ceilings).map(([name, { run }]) => ({ name, run })),
      {
        name: 'run',
        run: () => {
          const timed = stages.map((stage) => {
            const turns = took.get(stage.definition.type)!
            const turn = turns.push(0) - 1
            return clocked(stage, (milliseconds) => {
              turns[turn]! += milliseconds
            })
          })
          secondsOf(settingsWith(timed), streamOf(rows, steps, members, shape))
        },
      },
    ],
    turns
  )
  const rate = (name: string): number => ceilings[name]!.work / times.get(name)! / 1e9
  const lines = works.map(({ stage, flops, bytes }) => {
    const least = Math.max(flops / rate('f64'), bytes / rate('copy'))
    const own = (Math.min(...took.get(stage)!.slice(1)) * 1e6) / steps
    const each = rows * members
    return [
      stage,
      (flops / each).toFixed(1),
      (bytes / each).toFixed(1),
      flops / rate('f64') > bytes / rate('copy') ? 'flops' : 'bytes',
      (least / each).toFixed(2),
      own > 0 ? (own / each).toFixed(2) : '',
      own > 0 && least > 0 ? `${((100 * least) / own).toFixed(0)} %` : '',
    ]
  })
  return [
    `${shape.join(' x ')}, ${members} members, ${steps} steps, block ${block}; ceilings in the same run: ` +
      `${rate('f64').toFixed(1)} GF/s in f64, ${rate('f32').toFixed(1)} in f32, ${rate('copy').toFixed(1)} GB/s`,
    table([
      ['per weight and delta', 'flops', 'bytes', 'bound by', 'least ns', 'ns', 'reached'],
      ...lines,
    ]),
  ].join('\n')
}

/** `health` among them, so none runs beside them. */
const settingsWith = (stages: readonly StageValue[]) =>
  parseSettings({ block, emit: undefined, memory: { max: 2 ** 32 } }, stages, [], 'bench')

function openOf(): OpenFrame {
  const reader = new FrameReader()
  for (const chunk of streamOf(rows, 0, members, shape)) {
    reader.push(chunk)
    const frame = reader.next()
    if (frame?.kind === 'open') return frame
  }
  throw new Error('the stream does not open')
}
