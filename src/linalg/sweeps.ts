import { rotationOf, sweepPairs } from './rotations.ts'

const unit = 2 ** -52

/** Makes a symmetric k x k matrix diagonal by Jacobi rotations, and rotates the rows of v along. Returns false if it did not converge. */
export type Sweeps = (a: Float64Array, v: Float64Array, k: number) => boolean

export const turnAllPairs: Sweeps = (a, v, k) =>
  sweepPairs(k, (p, q) => {
    const lengths = Math.sqrt(Math.abs(a[p * k + p]!)) * Math.sqrt(Math.abs(a[q * k + q]!))
    if (Math.abs(a[p * k + q]!) <= unit * lengths) return false
    rotate(a, v, k, p, q)
    return true
  })

/** Zeroes a_pq. The rows of v are the vectors. The loop leaves wrong values in the four entries at p and q, which are set after it. */
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
