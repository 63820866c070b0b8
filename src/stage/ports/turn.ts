import { upperIndex } from '../../linalg/matrix.ts'
import type { BlockGram } from './gram.ts'

/**
 * How a block changes coordinates z = Uᵀ(w - w_0), where U are the leading directions that a decomposition keeps: z <- R z, then
 * one increment for each column of the block.
 */
export interface Turn {
  /** R = U_newᵀ U_old, `to` x `from` by rows. It takes coordinates in the basis before the block to the basis after it. */
  readonly rotation: Float64Array
  readonly from: number
  readonly to: number
  /** U_newᵀ x_j for the block's columns, each with `to` coordinates. */
  readonly increments: readonly Float64Array[]
  /** ‖x_j‖². */
  readonly squares: Float64Array
}

/**
 * Coordinates in the basis after a block, computed from its Gram matrix alone: with M = [B X ..], B_new = M W and C = MᵀM, U_newᵀ M
 * = diag(1/σ) Wᵀ C.
 *
 * @param columns number of columns in the block
 * @param most most leading directions to use
 */
export function turnOf(result: BlockGram, columns: number, most: number): Turn {
  const { gram, columns: size, before, rotation: w, kept, scales } = result
  const to = Math.min(most, kept)
  const from = Math.min(most, before)
  const norms = scalesBefore(result)
  const images = new Float64Array(to * size)
  for (let j = 0; j < size; j++) {
    for (let k = 0; k < size; k++) {
      const c = gram[upperIndex(size, k, j)]!
      if (c === 0) continue
      for (let i = 0; i < to; i++) images[j * to + i]! += w[k * kept + i]! * c
    }
  }
  for (let at = 0; at < images.length; at++) images[at]! /= scales[at % to]!
  const rotation = new Float64Array(to * from)
  for (let j = 0; j < from; j++) {
    // This direction has faded below what the storage can hold.
    if (norms[j] === 0) continue
    for (let i = 0; i < to; i++) rotation[i * from + j] = images[j * to + i]! / norms[j]!
  }
  const increments = Array.from({ length: columns }, (_, j) =>
    images.slice((before + j) * to, (before + j + 1) * to)
  )
  return { rotation, from, to, increments, squares: squaresOf(result, columns) }
}

/** The same in the basis before the block. In a peek the rows still hold that basis, so nothing is rotated. */
export function unturned(result: BlockGram, columns: number, most: number): Turn {
  const { gram, columns: size, before } = result
  const to = Math.min(most, before)
  const norms = scalesBefore(result)
  const entry = (i: number, j: number): number => gram[upperIndex(size, i, j)]!
  const rotation = Float64Array.from({ length: to * to }, (_, at) => Number(at % (to + 1) === 0))
  const increments = Array.from({ length: columns }, (_, j) =>
    Float64Array.from({ length: to }, (_, i) => {
      const norm = norms[i]!
      return norm === 0 ? 0 : entry(i, before + j) / norm
    })
  )
  return { rotation, from: to, to, increments, squares: squaresOf(result, columns) }
}

const squaresOf = ({ gram, columns: size, before }: BlockGram, columns: number): Float64Array =>
  Float64Array.from({ length: columns }, (_, j) => gram[upperIndex(size, before + j, before + j)]!)

/** Norms of the factor's columns before the block. */
export const scalesBefore = ({ gram, columns: size, before }: BlockGram): Float64Array =>
  Float64Array.from({ length: before }, (_, i) => Math.sqrt(gram[upperIndex(size, i, i)]!))
