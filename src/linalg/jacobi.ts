import { rotationOf, sweepPairs } from './rotations.ts'

const unit = 2 ** -52

export interface Eigen {
  /** Eigenvalues, largest first. */
  readonly values: Float64Array
  /** Eigenvectors as columns, k x k by rows. */
  readonly vectors: Float64Array
  /** False if the sweeps did not converge. */
  readonly converged: boolean
}

/**
 * Eigenvalues and vectors of a symmetric positive semidefinite k x k matrix (by rows) by cyclic two-sided Jacobi.
 *
 * A rotation is left out where |a_ij| <= eps √(a_ii a_jj), so small eigenvalues of a scaled diagonally dominant matrix come
 * out to relative accuracy (Demmel and Veselić 1992), which a tridiagonal solver's do not. The matrix is scaled by a
 * power of two first, so that no scale of the data overflows.
 */
export function jacobi(matrix: Float64Array, k: number): Eigen {
  const a = matrix.slice()
  const scale = scaleOf(a, k)
  for (let i = 0; i < a.length; i++) a[i]! *= scale
  const v = new Float64Array(k * k)
  for (let i = 0; i < k; i++) v[i * k + i] = 1
  const converged = sweepPairs(k, (p, q) => {
    const lengths = Math.sqrt(Math.abs(a[p * k + p]!)) * Math.sqrt(Math.abs(a[q * k + q]!))
    if (Math.abs(a[p * k + q]!) <= unit * lengths) return false
    rotate(a, v, k, p, q)
    return true
  })
  const order = Array.from({ length: k }, (_, i) => i).sort((i, j) => a[j * k + j]! - a[i * k + i]!)
  const vectors = new Float64Array(k * k)
  order.forEach((from, to) => {
    for (let i = 0; i < k; i++) vectors[i * k + to] = v[from * k + i]!
  })
  return {
    values: Float64Array.from(order, (i) => Math.max(0, a[i * k + i]! / scale)),
    vectors,
    converged,
  }
}

/** The power of two that brings the largest diagonal entry near 1. */
function scaleOf(a: Float64Array, k: number): number {
  let largest = 0
  for (let i = 0; i < k; i++) largest = Math.max(largest, a[i * k + i]!)
  if (!(largest > 0)) return 1
  let scale = 1
  while (largest * scale < 0.5) scale *= 2
  while (largest * scale >= 2) scale /= 2
  return scale
}

/** Zeroes a_pq; the rows of v are the vectors. What the loop leaves at p and q is set after it. */
function rotate(a: Float64Array, v: Float64Array, k: number, p: number, q: number): void {
  const pp = a[p * k + p]!
  const qq = a[q * k + q]!
  const pq = a[p * k + q]!
  const { t, c, s } = rotationOf(pp, qq, pq)
  for (let i = 0; i < k; i++) {
    const x = a[p * k + i]!
    const y = a[q * k + i]!
    a[p * k + i] = a[i * k + p] = c * x - s * y
    a[q * k + i] = a[i * k + q] = s * x + c * y
    const e = v[p * k + i]!
    const f = v[q * k + i]!
    v[p * k + i] = c * e - s * f
    v[q * k + i] = s * e + c * f
  }
  a[p * k + p] = pp - t * pq
  a[q * k + q] = qq + t * pq
  a[p * k + q] = a[q * k + p] = 0
}
