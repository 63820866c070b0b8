import type { Arena } from '../kernels/arena.ts'
import { linalgKernels } from './kernels.gen.ts'
import { padded } from './panels.ts'
import { tridiagonalEigenvalues, tridiagonalVectors } from './tridiagonal.ts'

/** Bytes of working memory for `symmetricEigen`, besides the matrix. */
export function symmetricWork(n: number): number {
  return 5 * 8 * padded(n)
}

export interface SymmetricEigen {
  /** All eigenvalues, largest first; NaN if they did not converge. */
  readonly values: Float64Array
  /** Eigenvectors for the largest eigenvalues, as many as requested. */
  readonly vectors: readonly Float64Array[]
}

/**
 * Eigenvalues of a symmetric n x n matrix in f64, which lies at `at` in rows of `padded(n)` elements. Only its lower triangle is
 * read, and the matrix is destroyed. It is reduced to tridiagonal form in WebAssembly; then QL gives the eigenvalues, and inverse
 * iteration the vectors. The error of each eigenvalue is some n u times the largest modulus.
 *
 * @param work address of `symmetricWork(n)` bytes
 */
export function symmetricEigen(
  arena: Arena,
  at: number,
  n: number,
  work: number,
  vectors = 0
): SymmetricEigen {
  const pitch = padded(n)
  const [d, e, h] = [0, 1, 2].map((i) => work + 8 * pitch * i) as [number, number, number]
  const place = { a: at, n, pitch: 8 * pitch, d, e, h, work: work + 24 * pitch }
  arena.kernels(linalgKernels).tridiagonal(place)
  const [diagonal, beside, halves] = [d, e, h].map((p) => arena.f64(p, n)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const values = tridiagonalEigenvalues(diagonal, beside)
  const wanted = Number.isNaN(values[0]) ? 0 : Math.min(vectors, n)
  const found = tridiagonalVectors(diagonal, beside, values.subarray(0, wanted))
  for (let i = 1; i < n; i++) {
    if (halves[i] === 0) continue
    const u = arena.f64(at + 8 * pitch * i, i)
    for (const y of found) reflect(y, u, halves[i]!)
  }
  return { values, vectors: found }
}

/** y <- (I - u uᵀ / half) y on the first elements. */
function reflect(y: Float64Array, u: Float64Array, half: number): void {
  let dot = 0
  for (let j = 0; j < u.length; j++) dot += u[j]! * y[j]!
  dot /= half
  for (let j = 0; j < u.length; j++) y[j]! -= dot * u[j]!
}
