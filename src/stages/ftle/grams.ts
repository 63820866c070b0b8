import { type Scope, tileRows } from '../../engine/scope.ts'
import type { Arena } from '../../kernels/arena.ts'
import { sumsBytes, TileSums } from '../../kernels/sums.ts'
import { packed } from './cholesky.ts'
import { ftleKernels } from './kernels.ts'

/** Vectors that change from column to column: twins from their separation on, tangents as they come. */
export interface Vectors {
  /** For each, the address of its separation before the block (0 of a tangent), and where its columns are. */
  readonly all: readonly {
    readonly separation: number
    readonly pointer: number
    readonly stride: number
  }[]
  readonly elementBytes: 4 | 8
  /** Columns of the block. */
  readonly columns: number
  /** Member 0's weights, whose norm is wanted. */
  readonly weights?: { readonly start: number; readonly high: number; readonly low: number }
}

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

/** A shard's sums of `assembly/ftle.ts`. */
export function gramSums(arena: Arena, scope: Scope, scratch: number, vectors: Vectors): TileSums {
  const { all, columns, elementBytes } = vectors
  const { start, high, low } = vectors.weights ?? { start: 0, high: 0, low: 0 }
  const count = all.length
  const kernels = arena.kernels(ftleKernels)
  const table = scratch + runningBytes(count)
  const entries = arena.u32(table, 3 * count)
  for (const [m, { separation, pointer, stride }] of all.entries())
    entries.set([separation, pointer, stride], 3 * m)
  const sums = new TileSums(arena, table + tableBytes(count), scope, width(count, columns))
  for (const { tile, tiles, index } of scope.segments) {
    sums.depth = kernels.ftle_grams(
      table,
      count,
      columns,
      elementBytes,
      start,
      high,
      low,
      scratch,
      tile,
      tiles,
      index,
      scope.from,
      sums.pointer,
      sums.depth
    )
  }
  return sums
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
