import {
  type Block,
  type MemberColumns,
  type StageContext,
  type Step,
  sumsBytes,
  TileSums,
  tileRows,
} from '../../stage/index.ts'
import { packed } from './cholesky.ts'
import { ftleKernels } from './kernels.gen.ts'

/** A vector that changes from column to column: a twin, starting from its separation, or a tangent (`separation` 0), as it comes. */
export type Vector = Pick<MemberColumns, 'separation' | 'pointer' | 'stride' | 'elementBytes'>

const head = 2
const perColumn = (count: number): number => packed(count, count)
const width = (count: number, columns: number): number => head + columns * perColumn(count)
const runningBytes = (count: number): number => count * tileRows * 8
const tableBytes = (count: number): number => 16 * Math.ceil((count * 12) / 16)

/** Scratch bytes for `count` vectors over a block of `columns`. */
export function gramsBytes(tiles: number, count: number, columns: number): number {
  const sums = sumsBytes(tiles, width(count, columns))
  return count > 0 ? runningBytes(count) + tableBytes(count) + sums : 0
}

/** The sums of `assembly/ftle.ts` over all shards. Read them with `columnSums` and, if `weighs`, with `weightSquare`. */
export function* gramSums(
  { arena, scope, scratch }: StageContext<unknown>,
  { length, weights, positions: { high, low } }: Block,
  vectors: readonly Vector[],
  weighs: boolean
): Step<Float64Array> {
  const count = vectors.length
  const kernels = arena.kernels(ftleKernels)
  const table = scratch + runningBytes(count)
  arena
    .u32(table, 3 * count)
    .set(vectors.flatMap(({ separation, pointer, stride }) => [separation, pointer, stride]))
  const sums = new TileSums(arena, table + tableBytes(count), scope, width(count, length))
  for (const { tile, tiles, index } of scope.segments) {
    sums.depth = kernels.ftle_grams({
      table,
      p: count,
      n: length,
      elementBytes: vectors[0]!.elementBytes,
      weights: weighs ? weights : 0,
      high,
      low,
      d: scratch,
      tile,
      tiles,
      index,
      sums,
    })
  }
  const { add } = yield { add: sums.partial(scope.to) }
  return add
}

/** ‖w‖² of member 0. */
export const weightSquare = (sums: Float64Array): number => sums[1]!

/** The packed Gram of the vectors at a column, and their 1-norms. */
export function columnSums(
  sums: Float64Array,
  column: number,
  count: number
): { readonly gram: Float64Array; readonly norms: Float64Array } {
  const start = head + column * perColumn(count)
  const norms = start + packed(count, 0)
  return { gram: sums.subarray(start, norms), norms: sums.subarray(norms, norms + count) }
}
