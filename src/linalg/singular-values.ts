/** Sweeps after which a matrix is given up; four to eight are usual. */
const mostSweeps = 40

const unit = 2 ** -53

/**
 * Singular values of an n x n matrix (by rows), largest first, by one-sided Jacobi: rotations make its columns orthogonal,
 * then their norms are the values. Columns of very different lengths keep their relative accuracy (Demmel and Veselić
 * 1992). NaN where the sweeps did not converge.
 */
export function singularValues(matrix: Float64Array, n: number): Float64Array {
  const a = matrix.slice()
  let converged = n < 2
  for (let sweep = 0; sweep < mostSweeps && !converged; sweep++) {
    converged = true
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) if (orthogonalise(a, n, p, q)) converged = false
    }
  }
  const values = Float64Array.from({ length: n }, (_, j) => Math.sqrt(inner(a, n, j, j)))
  return converged ? values.sort().reverse() : values.fill(Number.NaN)
}

/** Turns columns p and q until they are orthogonal; false if they were. */
function orthogonalise(a: Float64Array, n: number, p: number, q: number): boolean {
  const pp = inner(a, n, p, p)
  const qq = inner(a, n, q, q)
  const pq = inner(a, n, p, q)
  if (!(Math.abs(pq) > n * unit * Math.sqrt(pp) * Math.sqrt(qq))) return false
  const theta = (qq - pp) / (2 * pq)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  for (let i = 0; i < n * n; i += n) {
    const x = a[i + p]!
    const y = a[i + q]!
    a[i + p] = c * x - s * y
    a[i + q] = s * x + c * y
  }
  return true
}

function inner(a: Float64Array, n: number, p: number, q: number): number {
  let sum = 0
  for (let i = 0; i < n * n; i += n) sum += a[i + p]! * a[i + q]!
  return sum
}
