import type { Taken } from '../account.ts'
import type { Combination } from '../combine.ts'
import type { Solution } from '../solve.ts'
import type { SvdState } from '../state.ts'
import { type Limits, storageUnit, unit } from './bounds.ts'

/** Mean square of a rounding in units of the largest: that of a uniform error where mantissas are logarithmic. */
export const meanSquare = 1 / 6

/**
 * An estimate, for each new column b_i, of ‖p_i‖², P what rounding has made of B as if it were random. P turns with B, p_i
 * taking over v_ji² of each p_j, and storing a block rounds anew.
 */
export function storedAfter(
  state: SvdState,
  { size, vectors }: Solution,
  { fade }: Combination,
  anew: Float64Array
): Float64Array {
  const before = spread(vectors, size, anew.length, state.stored.subarray(0, state.kept))
  return anew.map((fresh, i) => fade * before[i]! + fresh)
}

/**
 * An estimate of what rounding has moved each eigenvalue by. P does so by its part along one direction, ‖p_i‖ / √D; rounding in the
 * Gram matrix to first order by Σ_jk v_ji v_ki ΔC_jk, ΔC_jk relative to ‖m_j‖ ‖m_k‖, so small values are right to relative
 * accuracy once they stand in B. Sums of f64 lose 4 u of theirs; of f32 they are averaged over the panels. The reference
 * mode's second Gram matrix is nearly diagonal.
 *
 * @param stored ‖p_i‖² after the block
 */
export function blurFormed(
  stored: Float64Array,
  { values }: Solution,
  { v, squares, kept }: Pick<Taken, 'v' | 'squares' | 'kept'>,
  limits: Limits
): Float64Array {
  const { rows, storageBytes } = limits
  const summed = storageBytes === 8 ? values : spread(v, kept, kept, squares)
  return Float64Array.from({ length: kept }, (_, i) => {
    return sumError(limits) * summed[i]! + 2 * Math.sqrt((values[i]! * stored[i]!) / rows)
  })
}

/**
 * The same where BᵀB was taken to be diagonal, not formed. Then P is in BᵀX alone, and moves an eigenvalue by
 * 2 (P v_i) · (X v_i), two vectors without a common direction. What the values on the diagonal were wrong by stays.
 */
export function blurUnformed(
  { stored, blurred, kept: before }: SvdState,
  { own, size, vectors }: Solution,
  { fade }: Combination,
  kept: number,
  limits: Limits
): Float64Array {
  const squares = Float64Array.from({ length: size }, (_, j) => own[j * size + j]!)
  const ofOld = (energies: Float64Array): Float64Array =>
    spread(vectors, size, kept, energies.subarray(0, before))
  const old = ofOld(squares)
  const noise = ofOld(stored)
  const earlier = ofOld(blurred.map((blur) => (fade * blur) ** 2))
  const fresh = spread(vectors.subarray(before * size), size, kept, squares.subarray(before))
  return fresh.map((own, i) => {
    const summed = own * (own + 2 * old[i]!)
    const mixed = (4 * fade * noise[i]! * own) / limits.rows
    return Math.sqrt(sumError(limits) ** 2 * summed + mixed + earlier[i]!)
  })
}

/** Likely error of a sum of products, relative to the norms that it is made of. */
const sumError = ({ rows, single }: Limits): number =>
  single ? storageUnit[4] * Math.sqrt(Math.min(1, 128 / rows)) : 4 * unit

/**
 * Σ_j v_ji² e_j for each of V's first `count` columns, V in rows of `pitch`: what energies e_j of M's columns are in those of M V where
 * they have no common direction.
 */
export function spread(
  v: Float64Array,
  pitch: number,
  count: number,
  energies: Float64Array
): Float64Array {
  const out = new Float64Array(count)
  for (let j = 0; j < energies.length; j++) {
    const energy = energies[j]!
    for (let i = 0, at = j * pitch; i < count; i++, at++) out[i]! += energy * v[at]! * v[at]!
  }
  return out
}
