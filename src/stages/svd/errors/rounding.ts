import type { Taken } from '../account.ts'
import type { Combination } from '../combine.ts'
import type { Solution } from '../solve.ts'
import type { SvdState } from '../state.ts'
import { type Limits, storageUnit, unit } from './bounds.ts'

/** Mean square of a rounding error in units of the largest one: that of a uniform error, with logarithmically distributed mantissas. */
export const meanSquare = 1 / 6

/**
 * An estimate of ‖p_i‖² for each new column b_i, where P is the effect of rounding on B, treated as random. P turns with B: p_i takes over
 * v_ji² of each p_j. Storing a block adds new rounding.
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
 * An estimate of the effect of rounding on each eigenvalue. P acts by its part along one direction, ‖p_i‖ / √D. Rounding in the Gram matrix
 * acts, to first order, by Σ_jk v_ji v_ki ΔC_jk. ΔC_jk is relative to ‖m_j‖ ‖m_k‖, so small values are right to relative accuracy once they
 * are in B. Sums in f64 lose 4 u of their terms; the losses of f32 are averaged over the panels. The second Gram matrix of the reference
 * mode is nearly diagonal.
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
 * The same if BᵀB was assumed to be diagonal instead of formed. Then P is in BᵀX alone, and changes an eigenvalue by 2 (P v_i) · (X v_i), a
 * product of two vectors without a common direction. Errors of the values on the diagonal remain.
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

/** Likely error of a sum of products, relative to the norms in it. */
const sumError = ({ rows, single }: Limits): number =>
  single ? storageUnit[4] * Math.sqrt(Math.min(1, 128 / rows)) : 4 * unit

/**
 * Σ_j v_ji² e_j for each of the first `count` columns of V, V in rows of `pitch`: the energies of the columns of M V, if the columns of M
 * have energies e_j and no common direction.
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
