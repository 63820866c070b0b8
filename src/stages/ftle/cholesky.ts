/** Index of P[m, q], q <= m, in a symmetric matrix packed by rows. */
export function packed(m: number, q: number): number {
  return (m * (m + 1)) / 2 + q
}

/** A squared pivot below this share of its diagonal entry is lost in the Gram's rounding. */
const resolution = 1e-12

/**
 * Diagonal of R in D = QR, from the Gram P = DᵀD over the columns `picked`, by Cholesky factorisation. Entry k is the length of the part of
 * column k orthogonal to the columns before it, NaN if rounding hides it. Pads with NaN to `length`.
 *
 * Between two steps these lengths grow as Benettin's renormalised tangent vectors do: a change of the twins' basis multiplies R from the
 * right by a triangular matrix, which leaves the ratios of its diagonal unchanged.
 *
 * @param gram P packed by rows
 */
export function cholesky(
  gram: Float64Array,
  picked: readonly number[],
  length: number
): Float64Array {
  const n = picked.length
  const diagonal = new Float64Array(length).fill(Number.NaN)
  const factor = new Float64Array(packed(n, 0))
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const entry = gram[packed(picked[i]!, picked[j]!)]!
      let sum = entry
      for (let k = 0; k < j; k++) sum -= factor[packed(i, k)]! * factor[packed(j, k)]!
      if (j < i) {
        const pivot = factor[packed(j, j)]!
        factor[packed(i, j)] = pivot > 0 ? sum / pivot : 0
      } else if (sum > resolution * entry) {
        diagonal[i] = Math.sqrt(sum)
        factor[packed(i, i)] = diagonal[i]!
      }
    }
  }
  return diagonal
}
