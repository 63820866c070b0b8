/** Sweeps after which a matrix is given up; six to nine are usual. */
const mostSweeps = 40

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
  let converged = k < 2
  for (let sweep = 0; sweep < mostSweeps && !converged; sweep++) {
    converged = true
    for (let p = 0; p < k - 1; p++) {
      for (let q = p + 1; q < k; q++) {
        const apq = a[p * k + q]!
        const limit =
          2.220446049250313e-16 *
          Math.sqrt(Math.abs(a[p * k + p]!)) *
          Math.sqrt(Math.abs(a[q * k + q]!))
        if (Math.abs(apq) <= limit) continue
        converged = false
        rotate(a, v, k, p, q, apq)
      }
    }
  }
  const order = Array.from({ length: k }, (_, i) => i).sort(
    (i, j) => a[j * k + j]! - a[i * k + i]! || i - j
  )
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
function rotate(
  a: Float64Array,
  v: Float64Array,
  k: number,
  p: number,
  q: number,
  apq: number
): void {
  const theta = (a[q * k + q]! - a[p * k + p]!) / (2 * apq)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  const pp = a[p * k + p]!
  const qq = a[q * k + q]!
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
  a[p * k + p] = pp - t * apq
  a[q * k + q] = qq + t * apq
  a[p * k + q] = a[q * k + p] = 0
}
