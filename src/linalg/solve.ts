import { exchange } from './vector.ts'

/**
 * Solves A X = B in place of B for real A (n x n) and B (n x m, by rows), by Gaussian elimination with partial pivoting. A is
 * overwritten. A singular A gives non-finite values. The bits are those of `solveComplex`, which computes the reciprocal of a pivot
 * p as p / p².
 */
export function solve(a: Float64Array, b: Float64Array, n: number, m: number): void {
  for (let k = 0; k < n; k++) {
    const p = pivotOf(a, n, k)
    if (p !== k) {
      exchange(a, k * n, p * n, n)
      exchange(b, k * m, p * m, m)
    }
    const pivot = a[k * n + k]!
    const reciprocal = pivot / (pivot * pivot)
    a[k * n + k] = reciprocal
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k]! * reciprocal
      if (factor === 0) continue
      for (let c = k + 1; c < n; c++) a[i * n + c]! -= factor * a[k * n + c]!
      for (let c = 0; c < m; c++) b[i * m + c]! -= factor * b[k * m + c]!
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let i = k + 1; i < n; i++) {
      const factor = a[k * n + i]!
      for (let c = 0; c < m; c++) b[k * m + c]! -= factor * b[i * m + c]!
    }
    for (let c = 0; c < m; c++) b[k * m + c]! *= a[k * n + k]!
  }
}

/** The row, from k on, with the largest element in column k. */
function pivotOf(a: Float64Array, n: number, k: number): number {
  let best = k
  for (let i = k + 1; i < n; i++) {
    if (Math.abs(a[i * n + k]!) > Math.abs(a[best * n + k]!)) best = i
  }
  return best
}
