import { norm } from '../../../linalg/vector.ts'
import { type Limits, storageUnit, underflow, unit } from '../errors/bounds.ts'
import { meanSquare, spread } from '../errors/rounding.ts'
import type { Small } from '../small.ts'
import type { Pivots } from './pivots.ts'

/**
 * How a block is stored without a whole rotation. Of M = [S X], B = S W, any basis of the kept directions will do while nobody
 * reads B's columns. With V the small matrix by which B̃ = M V, choose as many rows of it as B has columns, and C with
 * V_R = C V_S: then B̃ = S' W' for S' = M_S + M_R C and W' = V_S. That takes 2 l products a weight and step
 * instead of 2 (l + b) l / b.
 *
 * ‖W‖₂ <= 1, since W is rows of [W 0; 0 I] times columns of an orthogonal matrix, and I after a rotation. So S' rounded by P' moves B by
 * ‖P' W'‖_F <= ‖P'‖_F: rounding is relative to ‖S'‖_F, and the same in all directions, not relative to each.
 */
export interface Elimination extends Pivots {
  /** W', `kept` x `kept` by rows. */
  readonly basis: Float64Array
  /** Bounds of ‖s_j‖². */
  readonly squares: Float64Array
  /** What it adds to ρ. */
  readonly rounded: number
  /** An estimate of the square of what rounding makes of each direction. */
  readonly noise: Float64Array
}

/** Covers what sums over a column lose, some 1e-13, and ‖W‖₂ - 1, as much times the blocks since a rotation. */
const margin = 1.01

/**
 * @param v V, `norms.length` x `kept` by rows
 * @param norms bounds of the norms of M's columns
 * @param values the squared norms of B̃'s columns, B̃ᵀB̃ being diagonal to `error`
 */
export function elimination(
  v: Float64Array,
  norms: Float64Array,
  values: Float64Array,
  error: number,
  kept: number,
  limits: Limits,
  small: Small
): Elimination | undefined {
  const pivots = small.choose(v, norms.length, kept)
  if (pivots === undefined) return undefined
  const basis = new Float64Array(kept * kept)
  pivots.chosen.forEach((row, j) => {
    basis.set(v.subarray(row * kept, (row + 1) * kept), j * kept)
  })
  const off = misfit(v, norms, basis, kept, pivots, small)
  const lengths = lengthsOf(
    values.map((value) => value + error),
    pivots.inverse,
    basis,
    kept,
    off,
    small
  )
  const { rounded, noise } = roundingOf(norms, lengths, basis, kept, pivots, limits)
  const squares = lengths.map((length) => length * length)
  return { ...pivots, basis, squares, rounded: margin * rounded + off, noise }
}

/** A bound of ‖M_R (V_R - C V_S)‖_F, which is measured, what its own sums lose included. */
function misfit(
  v: Float64Array,
  norms: Float64Array,
  basis: Float64Array,
  kept: number,
  { rest, coefficients }: Pivots,
  { product }: Small
): number {
  const made = product(coefficients, basis, [rest.length, kept, kept])
  let total = 0
  rest.forEach((from, i) => {
    const row = made.subarray(i * kept, (i + 1) * kept)
    let size = 1
    for (let j = 0; j < kept; j++) {
      size = Math.max(size, Math.abs(coefficients[i * kept + j]!))
      row[j]! -= v[from * kept + j]!
    }
    total += norms[from]! * (norm(row) + 4 * kept * kept * unit * size)
  })
  return total
}

/**
 * Bounds of ‖s_j‖. S' W' is B̃ to `off`, so s_j is B̃ z_j to `off` ‖z_j‖, z_j the columns of W'⁻¹; of those computed W' Z - I is
 * measured.
 */
function lengthsOf(
  squares: Float64Array,
  inverse: Float64Array,
  basis: Float64Array,
  kept: number,
  off: number,
  { product }: Small
): Float64Array {
  const lengths = new Float64Array(kept)
  const along = new Float64Array(kept)
  for (let i = 0, at = 0; i < kept; i++) {
    for (let j = 0; j < kept; j++, at++) {
      const z = inverse[at]! * inverse[at]!
      lengths[j]! += squares[i]! * z
      along[j]! += z
    }
  }
  for (let j = 0; j < kept; j++) {
    lengths[j] = margin * (Math.sqrt(lengths[j]!) + off * Math.sqrt(along[j]!))
  }
  const skew = product(basis, inverse, [kept, kept, kept])
  for (let j = 0; j < kept; j++) skew[j * kept + j]! -= 1
  const doubt = 2 * (norm(skew) + 4 * kept * kept * unit) * norm(lengths)
  return lengths.map((length) => length + doubt)
}

/** What sums and storage make of S': ‖P'‖_F at most, and likely squares along each direction. */
function roundingOf(
  norms: Float64Array,
  lengths: Float64Array,
  basis: Float64Array,
  kept: number,
  { chosen, rest, coefficients }: Pivots,
  { single, storageBytes, rows }: Limits
): { rounded: number; noise: Float64Array } {
  const [sumUnit, stored] = [single ? storageUnit[4] : unit, storageUnit[storageBytes]]
  const likely = new Float64Array(kept)
  let total = 0
  for (let j = 0; j < kept; j++) {
    let most = norms[chosen[j]!]!
    let energy = most * most
    for (let i = 0; i < rest.length; i++) {
      const part = Math.abs(coefficients[i * kept + j]!) * norms[rest[i]!]!
      most += part
      energy += part * part
    }
    const sums = (rest.length + 2) * sumUnit * most
    total += (sums + stored * lengths[j]! + underflow[storageBytes] * Math.sqrt(rows)) ** 2
    likely[j] = meanSquare * stored ** 2 * (single ? (rest.length / 2) * energy : lengths[j]! ** 2)
  }
  return { rounded: Math.sqrt(total), noise: spread(basis, kept, kept, likely) }
}
