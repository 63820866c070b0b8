import type { Arena } from '../kernels/arena.ts'
import { type LinalgKernels, linalgKernels } from './kernels.gen.ts'

/** A small matrix of f64 by rows, in the kernels' memory. */
export interface Matrix {
  readonly at: number
  readonly values: Float64Array
  /** Number of elements from one row to the next. */
  readonly pitch: number
}

type Shape = readonly [rows: number, columns: number]
type Shapes = Readonly<Record<string, Shape>>

/** Bytes of memory for matrices of these shapes. */
export function matrixBytes(shapes: Shapes): number {
  return 8 * Object.values(shapes).reduce((sum, [rows, columns]) => sum + rows * columns, 0)
}

/** Matrices of these shapes, one after another from an address on. */
export function matricesAt<S extends Shapes>(
  arena: Arena,
  address: number,
  shapes: S
): { readonly [K in keyof S]: Matrix } {
  let next = address
  const open = ([rows, pitch]: Shape): Matrix => {
    const at = next
    next += 8 * rows * pitch
    return { at, values: arena.f64(at, rows * pitch), pitch }
  }
  const entries = Object.entries(shapes).map(([name, shape]) => [name, open(shape)] as const)
  return Object.fromEntries(entries) as { readonly [K in keyof S]: Matrix }
}

/** Splits a matrix into the matrices stacked in it, each with this many rows. */
export function stacked({ at, values, pitch }: Matrix, rows: number): Matrix[] {
  const words = rows * pitch
  return Array.from({ length: values.length / words }, (_, i) => ({
    at: at + 8 * words * i,
    values: values.subarray(words * i, words * (i + 1)),
    pitch,
  }))
}

/** The first element of a part of a matrix, or of its transpose, and the bytes to the next row and to the next column. */
export interface Part {
  readonly at: number
  readonly below: number
  readonly beside: number
}

/** The part of a matrix that begins at an element. */
export function part({ at, pitch }: Matrix, row = 0, column = 0): Part {
  return { at: at + 8 * (row * pitch + column), below: 8 * pitch, beside: 8 }
}

/** The transpose of a part. A product accepts it only on the left, a copy only as what is copied. */
export function turned({ at, below, beside }: Part): Part {
  return { at, below: beside, beside: below }
}

/** C += A B for A of `rows` x n, B of n x `columns`. */
export function addProduct(
  kernels: LinalgKernels,
  c: Part,
  a: Part,
  b: Part,
  [rows, n, columns]: readonly [rows: number, n: number, columns: number]
): void {
  const [ofC, ofA, ofB] = [c.below, a.below, b.below]
  const { beside } = a
  kernels.add_product({ c: c.at, ofC, a: a.at, ofA, beside, b: b.at, ofB, rows, n, columns })
}

/** C <- `factor` A for A of `rows` x `columns`. They may be the same part. */
export function place(
  kernels: LinalgKernels,
  c: Part,
  a: Part,
  [rows, columns]: Shape,
  factor = 1,
  isAdded = false
): void {
  const [ofC, ofA, { beside }] = [c.below, a.below, a]
  kernels.place({ c: c.at, ofC, a: a.at, ofA, beside, rows, columns, factor, isAdded })
}

/** C += A for A of `rows` x `columns`. */
export function addPart(kernels: LinalgKernels, c: Part, a: Part, shape: Shape): void {
  place(kernels, c, a, shape, 1, true)
}

/** Copies what is above the diagonal of the first n rows and columns to below it. */
export function mirror(kernels: LinalgKernels, { at, pitch }: Matrix, n: number): void {
  kernels.mirror({ a: at, ofA: 8 * pitch, n })
}

/** A B by rows, for B of n x `columns` and A of `rows` x n. With `isTurned`, A is given as its transpose of n x `rows`. */
export type Product = (
  a: Float64Array,
  b: Float64Array,
  shape: readonly [rows: number, n: number, columns: number],
  isTurned?: boolean
) => Float64Array

/** Bytes of working memory for `productIn`, where `most` is the largest number of rows or columns. */
export function productWork(most: number): number {
  return 3 * 8 * most * most
}

/** @param work address of `productWork` bytes */
export function productIn(arena: Arena, work: number): Product {
  const kernels = arena.kernels(linalgKernels)
  return (left, right, [rows, n, columns], isTurned = false) => {
    const { a, b, c } = matricesAt(arena, work, {
      a: isTurned ? [n, rows] : [rows, n],
      b: [n, columns],
      c: [rows, columns],
    })
    a.values.set(left)
    b.values.set(right)
    c.values.fill(0)
    const first = isTurned ? turned(part(a)) : part(a)
    addProduct(kernels, part(c), first, part(b), [rows, n, columns])
    return c.values.slice()
  }
}
