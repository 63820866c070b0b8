import { openHeader, tileRows } from '../../stage/index.ts'
import type { CmdContext } from './spec.ts'
import { columnsOf, headerShape, openTile, tileBytes } from './state.ts'

/** The fit of one tile's weights: w_i(t) ≈ a_i w_r(t) + b_i, with r the reference of the mode of weight i. */
export interface TileFit {
  /** Index of the tensor in `open.tensors`, and index in this tensor of the tile's first weight. */
  readonly tensor: number
  readonly first: number
  /** Mode of each weight, counted from 0; -1 if it has none. */
  readonly mode: Int16Array
  /** 0 if the weight has no mode. */
  readonly a: Float64Array
  /** The mean of w_i if the weight has no mode. */
  readonly b: Float64Array
}

/**
 * Reads mode, a and b of every weight of a shard from an instance's state, tile by tile, once modes are chosen: a_i = <b_i, b_r>
 * (E_i / E_r)^½, b_i = w_i(0) + mean_i - a_i (w_r(0) + mean_r).
 *
 * @param weights address of w(0), f32 per row of the shard; 0 for a fit of the positions w - w(0)
 */
export function* readFit(
  { arena, scope, header, rows, options }: CmdContext,
  weights: number
): Generator<TileFit> {
  const columns = columnsOf(options)
  const own = openHeader(arena, header, headerShape(options))
  if (own.modes === 0) return
  const correlation = (factor: Float32Array, row: number, m: number): number => {
    let sum = 0
    for (let k = 0; k < own.kept; k++) {
      sum += factor[k * tileRows + row]! * own.factor[m * columns + k]!
    }
    return Math.min(1, Math.max(-1, sum))
  }
  for (const segment of scope.segments) {
    for (let t = 0; t < segment.tiles; t++) {
      const index = segment.index + t
      const tensor = scope.tensors.findLast(({ tile }) => tile <= index)!
      const first = (index - tensor.tile) * tileRows
      const count = Math.min(tileRows, tensor.rows - first)
      const address = rows + (index - scope.from) * tileBytes(columns)
      const tile = openTile(arena.buffer, address, columns)
      const mode = Int16Array.from(tile.mode.subarray(0, count), (m) => m - 1)
      const a = new Float64Array(count)
      const b = new Float64Array(count)
      const origins = weights && arena.f32(weights + 4 * (segment.tile + t) * tileRows, count)
      for (const [row, m] of mode.entries()) {
        b[row] = (origins ? origins[row]! : 0) + tile.mean[row]!
        if (m < 0) continue
        const ratio = Math.sqrt(tile.energy[row]! / own.energy[m]!)
        a[row] = correlation(tile.factor, row, m) * ratio
        b[row]! -= a[row]! * (own.mean[m]! + (origins ? own.origin[m]! : 0))
      }
      yield { tensor: tensor.index, first, mode, a, b }
    }
  }
}
