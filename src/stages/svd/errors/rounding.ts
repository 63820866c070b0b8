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
  return anew.map((fresh, i) => {
    let before = 0
    for (let j = 0; j < state.kept; j++) before += vectors[j * size + i]! ** 2 * state.stored[j]!
    return fade * before + fresh
  })
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
  return Float64Array.from({ length: kept }, (_, i) => {
    const summed = storageBytes === 8 ? values[i]! : turned(v, squares, kept, i)
    return sumError(limits) * summed + 2 * Math.sqrt((values[i]! * stored[i]!) / rows)
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
  return Float64Array.from({ length: kept }, (_, i) => {
    let [noise, old, fresh, earlier] = [0, 0, 0, 0]
    for (let j = 0; j < size; j++) {
      const share = vectors[j * size + i]! ** 2
      if (j >= before) fresh += share * own[j * size + j]!
      else {
        old += share * own[j * size + j]!
        noise += fade * share * stored[j]!
        earlier += share * (fade * blurred[j]!) ** 2
      }
    }
    const summed = fresh * (fresh + 2 * old)
    return Math.sqrt(sumError(limits) ** 2 * summed + (4 * noise * fresh) / limits.rows + earlier)
  })
}

/** Likely error of a sum of products, relative to the norms that it is made of. */
const sumError = ({ rows, single }: Limits): number =>
  single ? storageUnit[4] * Math.sqrt(Math.min(1, 128 / rows)) : 4 * unit

/** Σ_j v_ji² ‖m_j‖², the energy that column i is summed of; its eigenvalue where nothing cancels. */
export function turned(v: Float64Array, squares: Float64Array, kept: number, i: number): number {
  return squares.reduce((sum, square, j) => sum + v[j * kept + i]! ** 2 * square, 0)
}
