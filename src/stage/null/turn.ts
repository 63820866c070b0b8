import type { Arena } from '../../kernels/arena.ts'
import { type LinalgKernels, linalgKernels } from '../../linalg/kernels.gen.ts'
import {
  addProduct,
  type Matrix,
  matricesAt,
  matrixBytes,
  mirror,
  type Part,
  part,
  place,
  turned,
} from '../../linalg/products.ts'
import { lags } from './statistics.ts'

/** How a stage treats the columns [B X q] of a block. q = m - p - X u exists only if the stage looks at positions. */
export interface WalkTurn {
  /** Weights u of the block's mean position p + X u, and how far the overall mean moves towards it; undefined for deltas. */
  readonly mean?: { readonly u: Float64Array; readonly fraction: number }
  /**
   * Decomposes one walk.
   *
   * @param gram inner products of [B X q], by rows
   * @returns the next B as combinations of these columns: `kept` columns, by rows
   */
  solve(walk: number, gram: Float64Array, columns: number): Float64Array
  /** Number of columns in the next B, the same for every walk. */
  readonly kept: number
}

/** Number of rows of a symmetric product that are computed at a time, up to their diagonal. */
const band = 8

/**
 * Turns [B h p m X] of a block into [B h p m] after it, where h are the last steps, p is the position and m the mean of positions.
 * Only B, p and m change, and only in the inner products of each class of rows.
 */
export class Turn {
  readonly #kernels: LinalgKernels
  readonly #size: number
  readonly #from: number
  readonly #work: ReturnType<typeof workOf>
  #next = 0
  #length = 0
  /** First row and number of rows of the parts of A that are not zero: those of B, of the positions, of X. */
  #parts: readonly (readonly [number, number])[] = []

  /** Bytes of working memory. */
  static bytes(size: number, from: number, block: number): number {
    return matrixBytes(shapesOf(size, from, block))
  }

  /** @param size columns of [B h p m]; @param from where h begins; @param block most steps of a block; @param address of `bytes` bytes */
  constructor(arena: Arena, address: number, size: number, from: number, block: number) {
    this.#kernels = arena.kernels(linalgKernels)
    this.#size = size
    this.#from = from
    this.#work = workOf(arena, address, size, from, block)
  }

  /** Sets A, which makes the new columns from those of `joined`: the next B, then the position and the mean of positions. */
  compose(
    rotation: Float64Array,
    kept: number,
    length: number,
    { kept: next, mean }: WalkTurn
  ): void {
    const size = this.#size
    const { values: made, pitch } = this.#work.next
    this.#next = next
    this.#length = length
    this.#parts = mean
      ? [
          [0, kept],
          [size - 2, 2],
          [size, length],
        ]
      : [
          [0, kept],
          [size, length],
        ]
    made.fill(0)
    for (let b = 0; b < kept; b++) made.set(rotation.subarray(b * next, (b + 1) * next), b * pitch)
    for (let j = 0; j < length; j++) {
      const row = (kept + j) * next
      made.set(rotation.subarray(row, row + next), (size + j) * pitch)
    }
    if (!mean) return
    const { u, fraction } = mean
    const [position, average] = [(size - 2) * pitch, (size - 1) * pitch]
    const shift = rotation.subarray((kept + length) * next)
    for (let i = 0; i < next; i++) {
      const q = shift[i]!
      for (let j = 0; j < length; j++) made[(size + j) * pitch + i]! -= u[j]! * q
      made[position + i] = -q
      made[average + i] = q
    }
    made[position + next] = 1
    made[position + next + 1] = fraction
    made[average + next + 1] = 1 - fraction
    for (let j = 0; j < length; j++) {
      made[(size + j) * pitch + next] = 1
      made[(size + j) * pitch + next + 1] = fraction * u[j]!
    }
  }

  /** held <- Aᵀ joined A, with A from `compose`. The last steps stay unchanged. */
  apply(held: Matrix, joined: Matrix): void {
    const kernels = this.#kernels
    const size = this.#size
    const from = this.#from
    const next = this.#next
    const parts = this.#parts
    const { next: made, half, square } = this.#work
    const count = next + (parts.length > 2 ? 2 : 0)
    half.values.fill(0)
    square.values.fill(0)
    for (const [row, n] of parts) {
      const left = turned(part(made, row))
      addProduct(kernels, part(half), left, part(joined, row), [count, n, size + this.#length])
    }
    for (let i = 0; i < count; i += band) {
      const rows = Math.min(band, count - i)
      for (const [row, n] of parts) {
        addProduct(kernels, part(square, i), part(half, i, row), part(made, row), [
          rows,
          n,
          i + rows,
        ])
      }
    }
    held.values.fill(0)
    const others = size - 2
    const rest = count - next
    const to = (row: number, column: number): Part => part(held, row, column)
    // The square is known up to its diagonal, so its transpose is known from there on.
    place(kernels, to(0, 0), turned(part(square)), [next, next])
    place(kernels, to(0, others), turned(part(square, next)), [next, rest])
    place(kernels, to(others, others), turned(part(square, next, next)), [rest, rest])
    place(kernels, to(0, from), part(half, 0, from), [next, lags])
    place(kernels, to(from, others), turned(part(half, next, from)), [lags, rest])
    place(kernels, to(from, from), part(joined, from, from), [lags, lags])
    mirror(kernels, held, size)
  }
}

const shapesOf = (size: number, from: number, block: number) =>
  ({
    next: [size + block, from + 2],
    half: [from + 2, size + block],
    square: [from + 2, from + 2],
  }) as const

const workOf = (arena: Arena, address: number, size: number, from: number, block: number) =>
  matricesAt(arena, address, shapesOf(size, from, block))
