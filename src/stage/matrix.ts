import type { Arena } from '../kernels/arena.ts'
import { columnIndex, padded, panelWidth } from '../linalg/panels.ts'
import { choice } from '../spec/fields.ts'
import type { Tensor } from '../wire/frame.ts'
import type { Block } from './block.ts'
import type { PlanShape } from './define.ts'
import { type Scope, type ScopeTensor, tileRows } from './scope.ts'

/** The option of stages on matrices that says whether the first or the last axis of a tensor is the outputs. */
export const layout = choice(['auto', 'out-first', 'out-last'], {
  description:
    'which axis of a tensor has its outputs, while the others have its inputs: the first (PyTorch) or the last (TF.js, Keras, Flax); `auto` takes the last for tensors whose role or name ends in `kernel`',
  default: 'auto',
})

/** A tensor as a matrix, row by row. The outputs are its rows or its columns. */
export interface MatrixShape {
  readonly rows: number
  readonly columns: number
  readonly outputs: 'rows' | 'columns'
}

/** A matrix inside a larger one. It begins at element `first`, and its rows are `pitch` elements apart. */
export interface MatrixPart extends MatrixShape {
  readonly first: number
  readonly pitch: number
}

/** A tensor as a matrix; for a convolution, outputs by inputs times positions. Undefined if it has not two sides of at least two. */
export function matrixOf(
  { name, role, shape }: Pick<Tensor, 'name' | 'role' | 'shape'>,
  option: 'auto' | 'out-first' | 'out-last' = 'auto'
): MatrixShape | undefined {
  if (shape.length < 2) return undefined
  const isKernel = /(^|[./])kernel$/.test(role ?? name) || /(^|[./])kernel$/.test(name)
  const isLast = option === 'auto' ? isKernel : option === 'out-last'
  const outputs = isLast ? shape.at(-1)! : shape[0]!
  const inputs = (isLast ? shape.slice(0, -1) : shape.slice(1)).reduce((a, b) => a * b, 1)
  if (outputs < 2 || inputs < 2) return undefined
  return isLast
    ? { rows: inputs, columns: outputs, outputs: 'columns' }
    : { rows: outputs, columns: inputs, outputs: 'rows' }
}

/** The matrix of a scope of one tensor; undefined if the scope has several tensors, or its tensor is not a matrix. */
export function scopeMatrix(
  { open, scope }: Pick<PlanShape, 'open' | 'scope'>,
  option: 'auto' | 'out-first' | 'out-last'
): MatrixShape | undefined {
  const [tensor, ...others] = scope.tensors
  return tensor && others.length === 0 ? matrixOf(open.tensors[tensor.index]!, option) : undefined
}

/** Number of inputs that each output sums over. */
export function fanIn({ rows, columns, outputs }: MatrixShape): number {
  return outputs === 'rows' ? columns : rows
}

/** A matrix cut into equal parts along its outputs; the whole matrix if it does not divide evenly. */
export function partsOf(shape: MatrixShape, parts: number): MatrixPart[] {
  const { rows, columns, outputs } = shape
  const count = (outputs === 'rows' ? rows : columns) % parts === 0 ? parts : 1
  return Array.from({ length: count }, (_, i) =>
    outputs === 'rows'
      ? {
          rows: rows / count,
          columns,
          outputs,
          first: (i * rows * columns) / count,
          pitch: columns,
        }
      : { rows, columns: columns / count, outputs, first: (i * columns) / count, pitch: columns }
  )
}

/** Numbers of rows and columns of the matrix once its longer side is vertical. */
export function sidesOf({ rows, columns }: MatrixShape): { long: number; short: number } {
  return { long: Math.max(rows, columns), short: Math.min(rows, columns) }
}

/** Number of tiles whose weights are read at a time. */
const pieceTiles = 64

/** Scratch bytes that `readWeights` needs. */
export const readingBytes = pieceTiles * tileRows * 8

/**
 * Passes the weights of this shard's tensor, as they are after a column of a block, to `take`, piece by piece in f64.
 *
 * @param staging address of `readingBytes`
 * @param take gets a piece, valid during the call, and the flat index of its first element
 * @param tensor default: the only tensor of the scope
 */
export function readWeights(
  arena: Arena,
  block: Block,
  scope: Scope,
  column: number,
  staging: number,
  take: (piece: Float64Array, first: number) => void,
  tensor: ScopeTensor = scope.tensors[0]!
): void {
  for (const segment of scope.segments) {
    const end = Math.min(segment.index + segment.tiles, tensor.tile + tensor.tiles)
    for (let at = Math.max(segment.index, tensor.tile); at < end; at += pieceTiles) {
      const tiles = Math.min(pieceTiles, end - at)
      const first = (at - tensor.tile) * tileRows
      block.weightsAfter(column, { tile: segment.tile + at - segment.index, tiles }, staging)
      take(arena.f64(staging, Math.min(tiles * tileRows, tensor.rows - first)), first)
    }
  }
}

/** Writes the elements of a part that lie in a piece of a tensor into panels. By default the part's longer side is vertical. */
export function fillPanels(
  target: Float64Array,
  part: MatrixPart,
  piece: Float64Array,
  first: number,
  isTurned = part.rows < part.columns
): void {
  const { rows, columns, pitch } = part
  const width = panelWidth(8)
  const long = padded(isTurned ? columns : rows)
  const from = Math.max(0, Math.floor((first - part.first) / pitch))
  for (let r = from; r < rows; r++) {
    const start = part.first + r * pitch - first
    if (start >= piece.length) return
    const column = isTurned ? columnIndex(long, r, 8) : r * width
    const end = Math.min(columns, piece.length - start)
    for (let c = Math.max(0, -start); c < end; c++) {
      const across = isTurned ? c * width : columnIndex(long, c, 8)
      target[column + across] = piece[start + c]!
    }
  }
}
