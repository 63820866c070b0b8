import { jacobi } from '../../linalg/jacobi.ts'
import { linalgKernels } from '../../linalg/kernels.gen.ts'
import { columnIndex, padded } from '../../linalg/panels.ts'
import { symmetricEigen } from '../../linalg/symmetric.ts'
import { type Arena, mix } from '../../stage/index.ts'
import type { Matrix, SpectrumScratch } from './layout.ts'

/**
 * What remains of a block in the first round is rounding if it is less than this share of the block's norm; in the second round, what
 * remains of a direction of length 1 if it is less than this.
 */
const negligible = { 0: 1e-8, 1: 0.5 } as const

/** Address of panels of f64: `rows` x `columns`, both padded. */
interface Placed {
  readonly at: number
  readonly rows: number
  readonly columns: number
}

/**
 * The largest singular values of a matrix W that is large on both sides: Rayleigh-Ritz in the block Krylov space {V, WᵀW V, .. (WᵀW)^passes
 * V} (Musco and Musco 2015), with each block orthogonalised twice against all earlier ones. Leaves in scratch the basis, its images under
 * W, and the coefficients of each leading right vector, `order` x the padded rank. No value is above the matrix's own at the same place.
 *
 * @param start address of right vectors to begin with, from the previous look; the rest of the block, or all of it if undefined, is random
 */
export function krylovSpace(
  arena: Arena,
  matrix: Matrix,
  scratch: SpectrumScratch,
  start: number | undefined,
  seed: number
): { values: Float64Array; order: number } {
  const kernels = arena.kernels(linalgKernels)
  const { block: s, blocks } = matrix.krylov!
  const [m, n] = [padded(matrix.long), padded(matrix.short)]
  const { basis, images, block, work } = scratch
  const blockAt = (at: number, rows: number, j: number): number => at + 8 * rows * s * j
  begin(arena, matrix, { at: block, rows: n, columns: s }, start, seed)
  for (let j = 0; j < blocks; j++) {
    const own = blockAt(basis, n, j)
    const x = { at: block, rows: n, columns: s }
    // The second round removes what rounding in the first one leaves of the earlier blocks.
    for (const turn of [0, 1] as const) {
      const norm = turn === 0 ? normOf(arena, x) : 1
      if (j > 0) takeOut(arena, { at: basis, rows: n, columns: s * j }, x, scratch)
      orthonormalise(arena, x, scratch, negligible[turn] * norm)
    }
    arena.f64(own, n * s).set(arena.f64(block, n * s))
    const image = blockAt(images, m, j)
    kernels.multiply_f64({ y: scratch.matrix, m, n, p: own, s, out: image, work })
    if (j + 1 === blocks) break
    const out = { start: block, row: 32, panel: 32 * n }
    kernels.inner_f64({ a: scratch.matrix, m: n, b: image, n: s, k: m, isSymmetric: false, out })
  }
  const order = s * blocks
  const byRows = { start: scratch.square, row: 8 * order, panel: 32 }
  const gram = { a: images, m: order, b: images, n: order, k: m, isSymmetric: true, out: byRows }
  kernels.inner_f64(gram)
  kernels.symmetric_f64({ n: order, shift: 0, scale: 1, out: byRows })
  const { values, vectors } = symmetricEigen(arena, scratch.square, order, work, matrix.rank)
  const width = padded(matrix.rank)
  const coefficients = arena.f64(scratch.coefficients, order * width).fill(0)
  vectors.forEach((y, k) => {
    const column = columnIndex(order, k, 8)
    y.forEach((value, i) => {
      coefficients[column + 4 * i] = value
    })
  })
  return {
    values: values.subarray(0, matrix.rank).map((value) => Math.sqrt(Math.max(0, value))),
    order,
  }
}

/** Makes the first block: the known vectors, and random ones. */
function begin(
  arena: Arena,
  { short, rank }: Matrix,
  { at, rows, columns }: Placed,
  start: number | undefined,
  seed: number
): void {
  const { noise } = arena.kernels(linalgKernels)
  noise({ y: at, rows: short, columns, long: rows, seed: mix(seed ^ 0x6b72796c) })
  if (start === undefined) return
  const [x, v] = [arena.f64(at, rows * columns), arena.f64(start, rows * padded(rank))]
  for (let k = 0; k < rank; k++) {
    const column = columnIndex(rows, k, 8)
    for (let i = 0; i < short; i++) x[column + 4 * i] = v[column + 4 * i]!
  }
}

/** X <- X - Q QᵀX. */
function takeOut(arena: Arena, q: Placed, x: Placed, scratch: SpectrumScratch): void {
  const kernels = arena.kernels(linalgKernels)
  const { coefficients, spare, work } = scratch
  const out = { start: coefficients, row: 32, panel: 32 * q.columns }
  const inner = { a: q.at, m: q.columns, b: x.at, n: x.columns, k: q.rows, isSymmetric: false, out }
  kernels.inner_f64(inner)
  const place = {
    y: q.at,
    m: q.rows,
    n: q.columns,
    p: coefficients,
    s: x.columns,
    out: spare,
    work,
  }
  kernels.multiply_f64(place)
  const [own, part] = [x.at, spare].map((at) => arena.f64(at, x.rows * x.columns))
  for (let i = 0; i < own!.length; i++) own![i]! -= part![i]!
}

function normOf(arena: Arena, { at, rows, columns }: Placed): number {
  let sum = 0
  for (const value of arena.f64(at, rows * columns)) sum += value * value
  return Math.sqrt(sum)
}

/** X <- X V Λ^-½ with XᵀX = V Λ Vᵀ: orthonormal columns, and zero instead of directions shorter than `least`. */
function orthonormalise(arena: Arena, x: Placed, scratch: SpectrumScratch, least: number): void {
  const kernels = arena.kernels(linalgKernels)
  const { columns: s, rows } = x
  const { coefficients, work } = scratch
  const byRows = { start: coefficients, row: 8 * s, panel: 32 }
  kernels.inner_f64({ a: x.at, m: s, b: x.at, n: s, k: rows, isSymmetric: true, out: byRows })
  kernels.symmetric_f64({ n: s, shift: 0, scale: 1, out: byRows })
  const { values, vectors } = jacobi(arena.f64(coefficients, s * s), s)
  const turn = arena.f64(coefficients, s * s)
  for (let k = 0; k < s; k++) {
    const value = values[k]!
    const scale = value > least * least ? 1 / Math.sqrt(value) : 0
    const column = columnIndex(s, k, 8)
    for (let i = 0; i < s; i++) turn[column + 4 * i] = vectors[i * s + k]! * scale
  }
  kernels.multiply_f64({ y: x.at, m: rows, n: s, p: coefficients, s, out: x.at, work })
}
