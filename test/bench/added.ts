// What a stage adds to a pipeline: the time in its own steps, its null's among them, as a share of the whole of the same run.
import { cmd, koopman, path, svd } from '../../src/index.ts'
import type { StageValue } from '../../src/stage/define.ts'
import { checkSettings } from '../../src/testing/analysed.ts'
import { clocked, secondsOf } from './stage-clock.ts'
import { streamOf } from './streams.ts'
import { table } from './timing.ts'

interface Added {
  /** Of the whole run, and in the last stage's own steps. */
  readonly seconds: number
  readonly own: number
}

const steps = 256
const block = 16

const pipelines: readonly { readonly name: string; readonly stages: readonly StageValue[] }[] = [
  { name: 'koopman on svd', stages: [svd(), koopman({ on: 'svd' })] },
  { name: 'path beside svd', stages: [svd(), path()] },
  { name: 'cmd beside svd', stages: [svd(), cmd()] },
]

export function addedTable(): string {
  const rows = 1 << 20
  const lines = pipelines.flatMap(({ name, stages }) => {
    // One that is not counted, in which code is compiled.
    addedBy(stages, 1024, 512)
    // A run's first 256 blocks all report, later ones ever more rarely.
    return [undefined, 1e6].map((every) => {
      const { seconds, own } = addedBy(stages, rows, steps, every)
      const perWeight = (own * 1e9) / (rows * steps)
      return [
        name,
        every === undefined ? 'every block' : 'at the end',
        seconds.toFixed(2),
        own.toFixed(2),
        `${((100 * own) / (seconds - own)).toFixed(2)} %`,
        perWeight.toFixed(3),
        (perWeight * block).toFixed(3),
      ]
    })
  })
  return [
    `${rows} weights, ${steps} steps: what the last stage adds`,
    table([
      [
        '',
        'reports',
        's',
        's in the stage',
        'of the others',
        'ns per weight and delta',
        'and block',
      ],
      ...lines,
    ]),
  ].join('\n')
}

/** Runs a pipeline whose last stage is clocked on a stream of so many weights and steps. */
function addedBy(
  stages: readonly StageValue[],
  rows: number,
  steps: number,
  every?: number
): Added {
  let own = 0
  const last = clocked(stages.at(-1)!, (milliseconds) => {
    own += milliseconds
  })
  const emit = every === undefined ? undefined : { every }
  const settings = checkSettings([...stages.slice(0, -1), last], {
    block,
    emit,
    memory: { max: 2 ** 32 },
  })
  return { seconds: secondsOf(settings, streamOf(rows, steps)), own: own / 1e3 }
}
