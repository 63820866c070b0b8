import { openHeader, tileRows } from '../../stage/index.ts'
import type { CmdContext } from './spec.ts'
import { headerShape, noMode, openTile, phase, tileBytes } from './state.ts'

/** The fit of one tile's weights: w_i(t) ≈ a_i w_r(t) + b_i with the reference r of mode i. */
export interface TileFit {
  /** Index of the tensor in `open.tensors`, and of the tile's first weight in it. */
  readonly tensor: number
  readonly first: number
  /** Mode of each weight; `noMode` (255) for one that had not moved when modes were chosen. */
  readonly mode: Uint8Array
  /** 0 where there is no mode, or its reference has stood still for so long that it is forgotten. */
  readonly a: Float64Array
  /** The mean of w_i where a is 0 for that. */
  readonly b: Float64Array
}

/**
 * Reads mode, a and b of every weight of a shard from an instance's state, tile by tile, once modes are chosen:
 * a_i = C_i / R_mm, b_i = w_i(0) + mean_i - a_i (w_r(0) + rmean).
 *
 * @param weights address of w(0), f32 per row of the shard; 0 for a fit of the positions w - w(0)
 */
export function* readFit(
  { arena, scope, shape, header, rows, options }: CmdContext,
  weights: number
): Generator<TileFit> {
  const small = openHeader(arena, header, headerShape(shape, options))
  const { mean, energy } = small
  if (small.phase !== phase.track) return
  for (const segment of scope.segments) {
    for (let t = 0; t < segment.tiles; t++) {
      const index = segment.index + t
      const tensor = scope.tensors.find(({ tile, tiles }) => index >= tile && index < tile + tiles)!
      const first = (index - tensor.tile) * tileRows
      const count = Math.min(tileRows, tensor.rows - first)
      const tile = openTile(
        arena.buffer,
        rows + (index - scope.from) * tileBytes(options.modes),
        options.modes
      )
      const origin =
        weights === 0
          ? new Float32Array(count)
          : arena.f32(weights + 4 * (segment.tile + t) * tileRows, count)
      const a = new Float64Array(count)
      const b = new Float64Array(count)
      for (let row = 0; row < count; row++) {
        const m = tile.mode[row]!
        b[row] = origin[row]! + tile.mean[row]!
        if (m === noMode || energy[m] === 0) continue
        a[row] = tile.cross[row]! / energy[m]!
        b[row]! -= a[row]! * (mean[m]! + (weights === 0 ? 0 : small.origin[m]!))
      }
      yield { tensor: tensor.index, first, mode: tile.mode.slice(0, count), a, b }
    }
  }
}
