import { upperIndex } from '../../../linalg/matrix.ts'
import type { BlockGram } from '../../../stage/index.ts'

/** What a block makes of coordinates z = Uᵀ(w - w_0), U the leading directions that `svd` keeps. */
export interface Turn {
  /** R = U_newᵀ U_old, `to` x `from` by rows: takes coordinates from before the block to the basis after it. */
  readonly rotation: Float64Array
  readonly from: number
  readonly to: number
  /** U_newᵀ x_j for the block's columns, each of `to` coordinates. */
  readonly increments: readonly Float64Array[]
  /** ‖x_j‖². */
  readonly squares: Float64Array
}

/**
 * Coordinates in the basis after a block, out of its Gram matrix alone: with M = [B X ..], B_new = M W and C = MᵀM,
 * U_newᵀ M = diag(1/σ) Wᵀ C.
 *
 * @param most leading directions that are looked at
 */
export function turnOf(result: BlockGram, columns: number, most: number): Turn {
  const { gram, columns: size, before, rotation: w, kept, scales } = result
  const to = Math.min(most, kept)
  const from = Math.min(most, before)
  const entry = (i: number, j: number): number => gram[upperIndex(size, i, j)]!
  const column = (j: number, scale: number): Float64Array => {
    const coordinates = new Float64Array(to)
    for (let k = 0; k < size; k++) {
      const c = entry(k, j) / scale
      for (let i = 0; i < to; i++) coordinates[i]! += w[k * kept + i]! * c
    }
    return coordinates.map((value, i) => value / scales[i]!)
  }
  const rotation = new Float64Array(to * from)
  for (let j = 0; j < from; j++) {
    const norm = Math.sqrt(entry(j, j))
    // A direction that has faded below what the svd's storage holds is gone.
    if (norm === 0) continue
    const image = column(j, norm)
    for (let i = 0; i < to; i++) rotation[i * from + j] = image[i]!
  }
  const taken = Array.from({ length: columns }, (_, j) => before + j)
  return {
    rotation,
    from,
    to,
    increments: taken.map((j) => column(j, 1)),
    squares: Float64Array.from(taken, (j) => entry(j, j)),
  }
}
