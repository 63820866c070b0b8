import { type Panels, padded, panels } from '../../linalg/panels.ts'
import { symmetricWork } from '../../linalg/symmetric.ts'
import {
  type MatrixPart,
  type PlanShape,
  partsOf,
  readingBytes,
  scopeMatrix,
  sidesOf,
} from '../../stage/index.ts'
import type { SpectrumOptions } from './spec.ts'

/** A scope's matrix, with its rows along the longer side, and how its spectrum is found. */
export interface Matrix {
  readonly part: MatrixPart
  readonly long: number
  readonly short: number
  /** Number of singular values that are reported, and of vectors that are followed. */
  readonly rank: number
  /** For a matrix too large for its whole spectrum: columns of a block, and number of blocks. */
  readonly krylov?: { readonly block: number; readonly blocks: number }
}

/** Columns of a block beyond the reported rank. */
const spare = 8

export function spectrumMatrix(
  scoped: Pick<PlanShape, 'open' | 'scope'>,
  { layout, rank, full, passes }: SpectrumOptions
): Matrix | undefined {
  const shape = scopeMatrix(scoped, layout)
  if (!shape) return undefined
  const { long, short } = sidesOf(shape)
  const part = partsOf(shape, 1)[0]!
  const matrix = { part, long, short, rank: Math.min(rank, short) }
  if (short <= full) return matrix
  return { ...matrix, krylov: { block: padded(rank + spare), blocks: passes + 1 } }
}

/** The leading singular vectors in panels, as they are kept between looks. */
export function vectorPanels({ long, short, rank }: Matrix): { left: Panels; right: Panels } {
  return { left: panels(long, rank), right: panels(short, rank) }
}

export function vectorBytes(matrix: Matrix): number {
  const { left, right } = vectorPanels(matrix)
  return left.bytes + right.bytes
}

/** Addresses of a look's work. */
export interface SpectrumScratch {
  readonly matrix: number
  /** A square in f64: the Gram matrix of the matrix, or of the images of a Krylov basis. */
  readonly square: number
  readonly work: number
  /** For a Krylov basis: its vectors, their images, a block and what is subtracted from it, and coefficients. */
  readonly basis: number
  readonly images: number
  readonly block: number
  readonly spare: number
  readonly coefficients: number
  readonly staging: number
  /** Two places for the vectors of looks in a peek, used in turn. */
  readonly peek: readonly [number, number]
  readonly bytes: number
}

export function layScratch(address: number, matrix: Matrix): SpectrumScratch {
  const { long, short, krylov } = matrix
  let next = address
  const take = (size: number): number => {
    next += size
    return next - size
  }
  const columns = krylov ? krylov.block * krylov.blocks : 0
  const order = krylov ? columns : short
  const vectors = vectorBytes(matrix)
  return {
    matrix: take(panels(long, short).bytes),
    square: take(panels(order, order).bytes),
    work: take(Math.max(symmetricWork(order), 64 * 8 * Math.max(padded(short), order))),
    basis: take(panels(short, columns).bytes),
    images: take(panels(long, columns).bytes),
    block: take(krylov ? panels(short, krylov.block).bytes : 0),
    spare: take(krylov ? panels(short, krylov.block).bytes : 0),
    coefficients: take(krylov ? panels(order, krylov.block).bytes : 0),
    staging: take(readingBytes),
    peek: [take(vectors), take(vectors)],
    bytes: next - address,
  }
}
