import { rotationOf, sweepPairs } from './rotations.ts'

const unit = 2 ** -53

/**
 * Singular values of an n x n matrix (by rows), largest first, by one-sided Jacobi: rotations make its columns orthogonal, and the
 * norms of the columns are then the values. Columns of very different lengths keep their relative accuracy (Demmel and Veselić
 * 1992). NaN if the sweeps did not converge.
 */
export function singularValues(matrix: Float64Array, n: number): Float64Array {
  const a = matrix.slice()
  const inner = (p: number, q: number): number => {
    let sum = 0
    for (let i = 0; i < n * n; i += n) sum += a[i + p]! * a[i + q]!
    return sum
  }
  const converged = sweepPairs(n, (p, q) => {
    const pp = inner(p, p)
    const qq = inner(q, q)
    const pq = inner(p, q)
    if (!(Math.abs(pq) > n * unit * Math.sqrt(pp) * Math.sqrt(qq))) return false
    const { c, s } = rotationOf(pp, qq, pq)
    for (let i = 0; i < n * n; i += n) {
      const x = a[i + p]!
      const y = a[i + q]!
      a[i + p] = c * x - s * y
      a[i + q] = s * x + c * y
    }
    return true
  })
  const values = Float64Array.from({ length: n }, (_, j) => Math.sqrt(inner(j, j)))
  return converged ? values.sort().reverse() : values.fill(Number.NaN)
}
