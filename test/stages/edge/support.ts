import * as assert from 'uvu/assert'
import { settingsOf } from '../../../src/analyse.ts'
import { Run } from '../../../src/engine/run/run.ts'
import type { Summary } from '../../../src/engine/summary.ts'
import { edge } from '../../../src/stages/edge/index.ts'
import type { EdgeValues } from '../../../src/stages/edge/spec.ts'
import type { Frame, OpenFrame } from '../../../src/wire/frame.ts'
import { anchor, bytes, delta, openFrame } from '../../engine/frames.ts'
import { analyseMatrices, type Dense, type MatrixRun } from '../matrices.ts'

/** Each step is looked at. */
export const look = { every: 1 }

type Options = Parameters<typeof edge>[0]

/** What `edge` says of a matrix at the end of its run. */
export function lastOf(run: MatrixRun, options: Options = {}): EdgeValues {
  const { summaries, error } = analyseMatrices(run, edge({ look, ...options }))
  if (error) throw error
  return summaries.at(-1)!.values as unknown as EdgeValues
}

export const close = (a: number, b: number, most: number, what = ''): void =>
  assert.ok(Math.abs(a - b) <= most, `${what}: ${a} against ${b}`)

const weightsOf = ({ values }: Dense): Uint8Array => bytes(values, 'f64')

/** A run of some tensors that do not move, through the engine. */
export function still(
  tensors: readonly { name: string; shape: number[]; values: Dense }[],
  open: Partial<OpenFrame>,
  stages: Parameters<typeof settingsOf>[1][],
  shards = 1
): Summary[] {
  const summaries: Summary[] = []
  const frame = openFrame(
    tensors.map(({ name, shape }) => ({ name, shape, dtype: 'f64' })),
    open
  )
  const settings = settingsOf({ block: 4, shards }, ...stages)
  const run = new Run(frame, settings, (block) => summaries.push(...block.summaries))
  const push = (own: Frame): void => run.push(own as Exclude<Frame, OpenFrame>)
  push(
    anchor(
      0,
      tensors.map(({ values }) => weightsOf(values))
    )
  )
  for (let step = 1; step <= 4; step++)
    push(
      delta(
        step,
        tensors.map(() => null)
      )
    )
  run.end()
  return summaries.filter(({ type }) => type === 'edge')
}
