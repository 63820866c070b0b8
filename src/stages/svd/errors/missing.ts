import type { Combination } from '../combine.ts'
import type { Solution } from '../solve.ts'
import type { SvdState } from '../state.ts'
import { type Limits, unit } from './bounds.ts'
import { spread } from './rounding.ts'

/**
 * An estimate of u_iᵀ E Eᵀ u_i for each new direction u_i: the energy that A has along it and B lacks.
 *
 * A direction inherits what the old directions lacked, with cos² = λ_i v_ji² / own_jj between u_i and the old u_j. Its part outside of
 * their span is new data. This part overlaps what was left out of earlier blocks with a density of tr(Σ²) / tr(Σ) times the number of
 * columns so far, where Σ is the covariance of what is left out. So it lacks the total that B lacks, times the mean squared cosine between
 * the left-out parts of two columns (`likeness`).
 */
export function missingAfter(
  state: SvdState,
  { own, size, values, vectors }: Solution,
  { fade }: Combination,
  kept: number
): Float64Array {
  let lacking = state.energy
  for (let j = 0; j < state.kept; j++) lacking -= state.squares[j]!
  const cosine = state.products > 0 ? state.overlaps / state.products : 1
  const density = Math.min(state.discarded, Math.max(0, lacking) * cosine)
  const before = state.kept
  // cos² without λ_i, in units of the largest so that nothing overflows.
  const cosines = Float64Array.from({ length: before }, (_, j) => {
    const square = own[j * size + j]!
    return square > 0 ? values[0]! / square : 0
  })
  const along = spread(vectors, size, kept, cosines)
  const lacks = cosines.map((value, j) => value * state.missing[j]!)
  return spread(vectors, size, kept, lacks).map((old, i) => {
    const share = values[i]! / values[0]!
    return fade * (share * old + Math.max(0, 1 - share * along[i]!) * density)
  })
}

/**
 * Sums of (e_c · e_d)² and of ‖e_c‖² ‖e_d‖² over pairs of columns of this block, where e_c is what is left out of column c. The pairs are
 * at least half a block apart, so that momentum, which makes neighbours alike, has little effect.
 */
export function likeness(
  { values, vectors, size }: Solution,
  { added }: Combination,
  before: number,
  kept: number
): { overlaps: number; products: number } {
  const product = (c: number, d: number): number => {
    let sum = 0
    for (let q = kept; q < size; q++) {
      sum += values[q]! * vectors[(before + c) * size + q]! * vectors[(before + d) * size + q]!
    }
    return sum
  }
  const norms = Float64Array.from({ length: added }, (_, c) => product(c, c))
  let overlaps = 0
  let products = 0
  for (let c = 0; c < added; c++) {
    for (let d = c + Math.max(1, Math.ceil(added / 2)); d < added; d++) {
      overlaps += product(c, d) ** 2
      products += norms[c]! * norms[d]!
    }
  }
  return { overlaps, products }
}

/**
 * Estimates |σ_i - σ̂_i|: what is missing, plus the effect of rounding on the eigenvalue. For a direction that was cut as noise, it is the
 * value that was cut. In the reference mode, the deviation of V from an orthogonal matrix matters, some units of f64 per block.
 */
export function estimatedError(
  { squares, missing, blurred, kept, blocks }: SvdState,
  i: number,
  { storageBytes }: Limits
): number {
  const square = squares[i] ?? 0
  const value = Math.sqrt(square)
  if (i >= kept) return value
  const lacking = Math.sqrt(square + missing[i]!) - value
  const blur = Math.sqrt(square + blurred[i]!) - value
  const drift = storageBytes === 8 ? 16 * unit * value * Math.sqrt(blocks) : 0
  return lacking + blur + drift
}
