/** A column counts as a combination of those before it if less than this share of its square remains. */
const dependent = 1e-11

/**
 * R with RᵀR = A for a symmetric positive semidefinite n x n matrix (by rows), upper triangular, written to `r`. Rows whose pivot
 * would be zero are left out, so R has as many rows as A has rank. The WebAssembly kernel of this name gives the same bits.
 *
 * @returns the rank
 */
export function cholesky(a: Float64Array, n: number, r: Float64Array): number {
  let rank = 0
  for (let p = 0; p < n; p++) {
    let left = a[p * n + p]!
    for (let q = 0; q < rank; q++) left -= r[q * n + p]! * r[q * n + p]!
    if (!(left > dependent * a[p * n + p]!)) continue
    const own = rank * n
    const pivot = Math.sqrt(left)
    for (let j = 0; j < p; j++) r[own + j] = 0
    for (let j = p; j < n; j++) r[own + j] = a[p * n + j]!
    for (let q = 0; q < rank; q++) {
      const factor = r[q * n + p]!
      for (let j = p; j < n; j++) r[own + j]! -= factor * r[q * n + j]!
    }
    for (let j = p; j < n; j++) r[own + j]! /= pivot
    rank++
  }
  return rank
}
