import { linalgKernels } from '../../linalg/kernels.gen.ts'
import { columnIndex, padded } from '../../linalg/panels.ts'
import { symmetricEigen } from '../../linalg/symmetric.ts'
import type { Arena } from '../../stage/index.ts'
import { krylovSpace } from './krylov.ts'
import type { Matrix, SpectrumScratch } from './layout.ts'

/** Half a unit in the last place of f64. */
const unit = 2 ** -53

/** Addresses of the leading singular vectors of a look, in panels. */
export interface Vectors {
  readonly left: number
  readonly right: number
}

export interface Decomposition {
  /** All singular values or, if the matrix is too large for that, as many as are reported; largest first. */
  readonly values: Float64Array
  /** For the reported values: the distance of each from a singular value is at most this. */
  readonly errors: Float64Array
}

/**
 * Singular values of the matrix at `scratch.matrix`; writes its vectors to `now`. Either finds all values by the Gram matrix in f64, with
 * an error of σ² of at most (m + 10 n) u ‖W‖²_F; or finds the largest ones in a Krylov space, with their residuals ‖Wᵀu - σ v‖.
 *
 * @param start address of the right vectors of the previous look, if there was one
 * @param energy ‖W‖²_F
 */
export function decompose(
  arena: Arena,
  matrix: Matrix,
  scratch: SpectrumScratch,
  now: Vectors,
  start: number | undefined,
  energy: number,
  seed: number
): Decomposition {
  const rounding = (matrix.long + 10 * matrix.short) * unit * energy
  if (!matrix.krylov) return whole(arena, matrix, scratch, now, rounding)
  const kernels = arena.kernels(linalgKernels)
  const { rank } = matrix
  const [m, n, s] = [padded(matrix.long), padded(matrix.short), padded(rank)]
  const { values, order } = krylovSpace(arena, matrix, scratch, start, seed)
  const { basis, images, coefficients: p, work } = scratch
  kernels.multiply_f64({ y: basis, m: n, n: order, p, s, out: now.right, work })
  kernels.multiply_f64({ y: images, m, n: order, p, s, out: now.left, work })
  normalise(arena, now.left, m, values)
  const out = { start: scratch.block, row: 32, panel: 32 * n }
  const inner = { a: scratch.matrix, m: n, b: now.left, n: s, k: m, isSymmetric: false, out }
  kernels.inner_f64(inner)
  const [image, right] = [scratch.block, now.right].map((at) => arena.f64(at, n * s))
  const errors = values.map((value, k) => {
    let sum = 0
    for (let i = 0, at = columnIndex(n, k, 8); i < n; i++, at += 4) {
      const rest = image![at]! - value * right![at]!
      sum += rest * rest
    }
    return Math.sqrt(sum) + errorOf(value, rounding)
  })
  return { values, errors }
}

function whole(
  arena: Arena,
  { long, short, rank }: Matrix,
  scratch: SpectrumScratch,
  now: Vectors,
  rounding: number
): Decomposition {
  const kernels = arena.kernels(linalgKernels)
  const [m, n, s] = [padded(long), padded(short), padded(rank)]
  const { matrix: a, square, work } = scratch
  const out = { start: square, row: 8 * n, panel: 32 }
  kernels.inner_f64({ a, m: n, b: a, n, k: m, isSymmetric: true, out })
  kernels.symmetric_f64({ n, shift: 0, scale: 1, out })
  const eigen = symmetricEigen(arena, square, short, work, rank)
  const values = eigen.values.map((value) => Math.sqrt(Math.max(0, value)))
  const right = arena.f64(now.right, n * s).fill(0)
  eigen.vectors.forEach((v, k) => {
    const column = columnIndex(n, k, 8)
    v.forEach((value, i) => {
      right[column + 4 * i] = value
    })
  })
  kernels.multiply_f64({ y: a, m, n, p: now.right, s, out: now.left, work })
  normalise(arena, now.left, m, values.subarray(0, rank))
  return { values, errors: values.slice(0, rank).map((value) => errorOf(value, rounding)) }
}

/** The largest distance of a value from a singular value if their squares differ by at most `rounding`. */
function errorOf(value: number, rounding: number): number {
  return Math.min(Math.sqrt(rounding), rounding / value)
}

/** Divides the columns at an address by values; columns with the value 0 become 0. */
function normalise(arena: Arena, at: number, rows: number, values: Float64Array): void {
  const view = arena.f64(at, rows * padded(values.length))
  values.forEach((value, k) => {
    const scale = value > 0 ? 1 / value : 0
    const column = columnIndex(rows, k, 8)
    for (let p = column; p < column + 4 * rows; p += 4) view[p]! *= scale
  })
}

/** For each place: the product of both vectors' cosines with those of the previous look. */
export function alignments(
  arena: Arena,
  { long, short, rank }: Matrix,
  now: Vectors,
  before: Vectors
): { readonly pairs: number[]; readonly overlap: number } {
  const [m, n] = [padded(long), padded(short)]
  const views = (at: number, rows: number): Float64Array => arena.f64(at, rows * padded(rank))
  const [left, right] = [views(now.left, m), views(now.right, n)]
  const [leftBefore, rightBefore] = [views(before.left, m), views(before.right, n)]
  const pairs = Array.from({ length: rank }, (_, k) =>
    Math.abs(cosine(left, leftBefore, m, k, k) * cosine(right, rightBefore, n, k, k))
  )
  let overlap = 0
  for (let k = 0; k < rank; k++) {
    for (let l = 0; l < rank; l++) overlap += cosine(right, rightBefore, n, k, l) ** 2
  }
  return { pairs, overlap: Math.min(1, overlap / rank) }
}

function cosine(x: Float64Array, y: Float64Array, rows: number, k: number, l: number): number {
  const [p, q] = [columnIndex(rows, k, 8), columnIndex(rows, l, 8)]
  let sum = 0
  for (let i = 0; i < 4 * rows; i += 4) sum += x[p + i]! * y[q + i]!
  return sum
}
