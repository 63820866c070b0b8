import type { Arena } from '../kernels/arena.ts'
import { linalgKernels } from './kernels.gen.ts'
import { mostSweeps } from './rotations.ts'
import { type Sweeps, turnAllPairs } from './sweeps.ts'

export interface Eigen {
  /** Eigenvalues, largest first. */
  readonly values: Float64Array
  /** Eigenvectors as columns, k x k by rows. */
  readonly vectors: Float64Array
  /** False if the sweeps did not converge. */
  readonly converged: boolean
}

/**
 * Eigenvalues and eigenvectors of a symmetric positive semidefinite k x k matrix (by rows) by cyclic two-sided Jacobi.
 *
 * A rotation is skipped if |a_ij| <= eps √(a_ii a_jj). So small eigenvalues of a scaled diagonally dominant matrix have a small
 * relative error (Demmel and Veselić 1992), unlike those of a tridiagonal solver. The matrix is first scaled by a power of two, so
 * that no scale of the data overflows.
 *
 * @param sweeps rotates the pairs; `sweepsIn` a shard's memory does so in WebAssembly, with the same bits
 */
export function jacobi(matrix: Float64Array, k: number, sweeps: Sweeps = turnAllPairs): Eigen {
  const a = matrix.slice()
  const scale = scaleOf(a, k)
  for (let i = 0; i < a.length; i++) a[i]! *= scale
  const v = new Float64Array(k * k)
  for (let i = 0; i < k; i++) v[i * k + i] = 1
  const converged = sweeps(a, v, k)
  const order = Array.from({ length: k }, (_, i) => i).sort((i, j) => a[j * k + j]! - a[i * k + i]!)
  const values = new Float64Array(k)
  const vectors = new Float64Array(k * k)
  order.forEach((from, to) => {
    values[to] = Math.max(0, a[from * k + from]! / scale)
    for (let i = 0; i < k; i++) vectors[i * k + to] = v[from * k + i]!
  })
  return { values, vectors, converged }
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

/** Bytes of working memory for `sweepsIn`. */
export function sweepsWork(k: number): number {
  return 2 * 8 * k * k
}

/** @param work address of `sweepsWork(k)` bytes */
export function sweepsIn(arena: Arena, work: number): Sweeps {
  return (a, v, k) => {
    const [matrix, vectors] = [arena.f64(work, k * k), arena.f64(work + 8 * k * k, k * k)]
    matrix.set(a)
    vectors.set(v)
    const place = { a: work, v: work + 8 * k * k, n: k, most: mostSweeps }
    const converged = arena.kernels(linalgKernels).jacobi_sweeps(place)
    a.set(matrix)
    v.set(vectors)
    return converged === 1
  }
}
