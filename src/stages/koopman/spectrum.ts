import { type Complex, eigenvalues } from '../../linalg/eigenvalues.ts'
import { eigenvectors } from '../../linalg/eigenvectors.ts'
import type { Fit } from './fitting/fit.ts'

/** An eigenvalue μ of the fitted map, and how far it can be trusted. */
export interface Mode extends Complex {
  /** ‖φ' - μ φ‖ / ‖φ‖ of its eigenfunction φ over all pairs (Colbrook, Ayton and Szőke 2023), corrected for the number of fitted values. */
  readonly residual: number
  /** Its share of the sum of the modes' squared lengths. */
  readonly energy: number
  /** Factor by which an error of the map may be amplified in it: 1 for an eigenfunction that is orthogonal to the others. */
  readonly condition: number
}

/**
 * Eigenvalues of the map, largest modulus first, with residuals. Eigenvalues that come only from the finite basis have residuals near 1.
 *
 * @param pairs rows that went into the fit, for the degrees of freedom that it took
 * @returns undefined if the eigenvalues do not converge
 */
export function modesOf(
  { modes, lengths, map, pairs }: Fit,
  rows: number,
  first: number
): Mode[] | undefined {
  const values = eigenvalues(map, modes)
  if (!values) return undefined
  const { right, left, conditions } = eigenvectors(map, modes, values)
  const free = rows - modes - first
  const inflation = free > 0 ? Math.sqrt(rows / free) : Number.NaN
  const squares = values.map((_, j) => {
    let square = 0
    for (let i = 0; i < modes; i++) {
      const at = j * modes + i
      const size = left.re[at]! * left.re[at]! + left.im[at]! * left.im[at]!
      square += size * lengths[i]! * lengths[i]!
    }
    return square
  })
  const total = squares.reduce((sum, square) => sum + square, 0)
  return values.map((value, j) => {
    const vector = {
      re: lengths.map((length, i) => right.re[i * modes + j]! / length),
      im: lengths.map((length, i) => right.im[i * modes + j]! / length),
    }
    return {
      ...value,
      residual: inflation * residualOf(pairs, modes, vector, value),
      energy: squares[j]! / total,
      condition: conditions[j]!,
    }
  })
}

/** ‖(P' - μ P) v‖ / ‖P v‖ for the rows [P P']. */
export function residualOf(
  pairs: Float64Array,
  modes: number,
  { re, im }: { readonly re: Float64Array; readonly im: Float64Array },
  value: Complex
): number {
  let apart = 0
  let whole = 0
  for (let at = 0; at < pairs.length; at += 2 * modes) {
    let [nowRe, nowIm, laterRe, laterIm] = [0, 0, 0, 0]
    for (let k = 0; k < modes; k++) {
      nowRe += pairs[at + k]! * re[k]!
      nowIm += pairs[at + k]! * im[k]!
      laterRe += pairs[at + modes + k]! * re[k]!
      laterIm += pairs[at + modes + k]! * im[k]!
    }
    const restRe = laterRe - (value.re * nowRe - value.im * nowIm)
    const restIm = laterIm - (value.re * nowIm + value.im * nowRe)
    apart += restRe * restRe + restIm * restIm
    whole += nowRe * nowRe + nowIm * nowIm
  }
  return Math.sqrt(apart / whole)
}
