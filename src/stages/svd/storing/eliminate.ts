import { norm } from '../../../linalg/vector.ts'
import { type Limits, storageUnit, underflow, unit } from '../errors/bounds.ts'
import { meanSquare, spread } from '../errors/rounding.ts'
import type { Small } from '../small.ts'
import type { Pivots } from './pivots.ts'

/**
 * How a block is stored without a whole rotation. For M = [S X] and B = S W, any basis of the kept directions will do as long as nothing
 * reads the columns of B. Let V be the small matrix for which B̃ = M V. Choose as many rows V_S of it as B has columns, and C with V_R = C
 * V_S for the other rows. Then B̃ = S' W' with S' = M_S + M_R C and W' = V_S. That takes 2 l products per weight and step instead of 2
 * (l + b) l / b.
 *
 * ‖W‖₂ <= 1, because W consists of rows of [W 0; 0 I] times columns of an orthogonal matrix, and is I after a rotation. So rounding S' by
 * P' changes B by ‖P' W'‖_F <= ‖P'‖_F: the rounding is relative to ‖S'‖_F and equal in all directions, not relative to each one.
 */
export interface Elimination extends Pivots {
  /** W', `kept` x `kept` by rows. */
  readonly basis: Float64Array
  /** Bounds of ‖s_j‖². */
  readonly squares: Float64Array
  /** What the elimination adds to ρ. */
  readonly rounded: number
  /** An estimate of the squared effect of rounding on each direction. */
  readonly noise: Float64Array
}

/** Covers the rounding of sums over a column, some 1e-13, and ‖W‖₂ - 1, which is as much times the number of blocks since a rotation. */
const margin = 1.01

/**
 * @param v V, `norms.length` x `kept` by rows
 * @param norms bounds of the norms of the columns of M
 * @param values the squared norms of the columns of B̃, where B̃ᵀB̃ is diagonal up to `error`
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

/** A bound of ‖M_R (V_R - C V_S)‖_F. The difference is measured, and the bound includes the rounding of its own sums. */
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
 * Bounds of ‖s_j‖. S' W' equals B̃ up to `off`, so s_j equals B̃ z_j up to `off` ‖z_j‖, where z_j are the columns of W'⁻¹. For the computed
 * z_j, W' Z - I is measured.
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

/** The effect of rounding in sums and storage on S': a bound of ‖P'‖_F, and likely squares along each direction. */
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
