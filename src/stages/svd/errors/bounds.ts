import { norm } from '../../../linalg/vector.ts'
import type { SvdState } from '../state.ts'

/**
 * What is certain about A. At any time A = ([B E] + P) Q: E is all that was left out, λ_max(E Eᵀ) <= δ²; P is all rounding, ‖P‖_F <= ρ; Q
 * has orthonormal rows. (A block appends X to A, turns [B X] by an orthogonal V, moves the columns beyond the k-th to E and rounds the
 * rest, which keeps the form.) So the inequalities of Weyl and Mirsky give
 *
 *   σ_i(A) <= √(σ_i(B)² + δ²) + ρ,
 *
 * and U, the leading left singular vectors of B, leave out at most ‖A‖²_F - (‖Uᵀ B‖_F - ρ)² of ‖A‖²_F.
 */

/** The number of columns of B, how B is stored, and whether its products are formed in f32 (`fast`). */
export interface Limits {
  readonly rows: number
  /** Most columns. */
  readonly columns: number
  readonly storageBytes: 4 | 8
  readonly single: boolean
}

/** Half a unit in the last place of f64. */
export const unit = 2 ** -53

/** Most roundings in a sum over a tile and the tree above it, over two lanes or one. */
const sumRoundings = 320

/** Relative rounding of the sums in C: in f64, or with `fast`, where f64 sums panels of 128 rows in f32. */
export const gramUnit = (single: boolean): number =>
  sumRoundings * unit + (single ? 34 * 2 ** -24 : 0)

/** Relative rounding of an element in storage, and the largest absolute rounding where it underflows. */
export const storageUnit = { 4: 2 ** -24, 8: 2 ** -53 } as const
export const underflow = { 4: 2 ** -150, 8: 2 ** -1074 } as const

/** What rounding B to its storage adds to ρ; `squares` are the squared norms of B's columns. */
export function storageError(squares: Float64Array, { rows, storageBytes }: Limits): number {
  const norm = Math.sqrt(squares.reduce((sum, square) => sum + square, 0))
  return (
    storageUnit[storageBytes] * norm + underflow[storageBytes] * Math.sqrt(rows * squares.length)
  )
}

/**
 * What turning M by V in f32 adds to ρ: (K + 1) u Σ_j |v_ji| ‖m_j‖ for column i, and as much again for the rounding of V.
 *
 * @param v V, K x `kept` by rows; @param squares of the K columns' norms
 */
export function singleTurnError(v: Float64Array, squares: Float64Array, kept: number): number {
  const sums = new Float64Array(kept)
  for (let j = 0, at = 0; j < squares.length; j++) {
    const length = Math.sqrt(squares[j]!)
    for (let i = 0; i < kept; i++, at++) sums[i]! += Math.abs(v[at]!) * length
  }
  return (squares.length + 2) * storageUnit[4] * norm(sums)
}

/** No singular value of A whose square in B is `square` is above this. */
export function upperBound(square: number, { discarded, error, rounding }: SvdState): number {
  return Math.sqrt(square + discarded + error) + rounding
}

/** Bound of ‖A - U Uᵀ A‖_F / ‖A‖_F, where U are the `rank` first columns of B, normalised. */
export function projectionErrorBound(
  { energy, squares, kept, blocks, error, rounding }: SvdState,
  rank: number,
  { storageBytes, single }: Limits
): number {
  let held = 0
  for (let i = 0; i < Math.min(rank, kept); i++) held += Math.max(0, squares[i]! - error)
  const certain = Math.max(0, Math.sqrt(held) - rounding)
  const most = energy * (1 + gramUnit(single) + blocks * unit)
  const missed = Math.max(0, most - certain * certain)
  return Math.min(1, Math.sqrt(missed / energy) + storageUnit[storageBytes] * Math.sqrt(rank))
}
