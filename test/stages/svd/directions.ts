// How far the directions that the stage keeps are from known ones.

import { settingsOf } from '../../../src/analyse.ts'
import { Run } from '../../../src/engine/run/run.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import { svd } from '../../../src/stages/svd/index.ts'
import type { Frame, OpenFrame } from '../../../src/wire/frame.ts'
import { framesOf } from '../harness.ts'

/** The factor's first columns, normalised, once all deltas are in; `columns` is a multiple of 4. */
export function directionsOf(
  deltas: readonly ArrayLike<number>[],
  options: { rank: number; columns: number; storage: 'f32' | 'f64' }
): Float64Array[] {
  const frames = framesOf({ deltas: [deltas], dtype: options.storage })
  const [open, ...rest] = frames as [OpenFrame, ...Exclude<Frame, OpenFrame>[]]
  const settings = settingsOf({}, svd({ walks: false, ...options }))
  const run = new Run(open, settings, () => {})
  for (const frame of rest) run.push(frame)
  run.end()
  const [shard] = run.shards.here
  const [elementBytes, read] =
    options.storage === 'f64'
      ? [8, (p: number) => shard!.arena.f64(p, tileRows)]
      : [4, (p: number) => shard!.arena.f32(p, tileRows)]
  return Array.from({ length: options.rank }, (_, k) => {
    const column = new Float64Array(shard!.rows)
    for (let row = 0; row < column.length; row += tileRows) {
      const element = row * options.columns + k * tileRows
      column.set(read(shard!.address('svd/model/rows') + element * elementBytes), row)
    }
    const norm = Math.hypot(...column)
    return column.map((value) => value / norm)
  })
}

/** ‖(I - P) Û‖_F for the projector P onto the span of `truth`, orthonormal: no less than the sine of the largest angle. */
export function projectorError(
  found: readonly Float64Array[],
  truth: readonly Float64Array[]
): number {
  let total = 0
  for (const own of found) {
    const rest = own.slice()
    for (const u of truth) {
      const along = u.reduce((sum, value, i) => sum + value * own[i]!, 0)
      for (let i = 0; i < rest.length; i++) rest[i]! -= along * u[i]!
    }
    total += rest.reduce((sum, value) => sum + value * value, 0)
  }
  return Math.sqrt(total)
}
