// Matrices in the layout of the kernels of `assembly/linalg.ts`: panels with 32 bytes per row.

import type { Arena } from '../kernels/arena.ts'

/** Numbers of rows and columns are padded to multiples of this. */
const multiple = 8
const panelBytes = 32

export function padded(n: number): number {
  return Math.ceil(n / multiple) * multiple
}

/** The padded size of a matrix in panels, and where its elements are. */
export interface Panels {
  /** Padded numbers of rows and columns. */
  readonly rows: number
  readonly columns: number
  readonly elementBytes: 4 | 8
  readonly bytes: number
}

export function panels(rows: number, columns: number, elementBytes: 4 | 8 = 8): Panels {
  const [m, n] = [padded(rows), padded(columns)]
  return { rows: m, columns: n, elementBytes, bytes: m * n * elementBytes }
}

/** Index of the first element of a column in panels with this many rows. The next row is `panelWidth` further. */
export function columnIndex(rows: number, column: number, elementBytes: 4 | 8): number {
  const width = panelWidth(elementBytes)
  return Math.floor(column / width) * width * rows + (column % width)
}

/** Number of columns in a panel. */
export function panelWidth(elementBytes: 4 | 8): number {
  return panelBytes / elementBytes
}

export type View = Float64Array | Float32Array

/** Panels at an address. */
export interface PlacedPanels extends Panels {
  readonly at: number
}

export function viewOf(arena: Arena, { at, rows, columns, elementBytes }: PlacedPanels): View {
  const length = rows * columns
  return elementBytes === 8 ? arena.f64(at, length) : arena.f32(at, length)
}

/** Copies panels to panels of the same size. The elements may differ in type. */
export function copyPanels(arena: Arena, from: PlacedPanels, to: PlacedPanels): void {
  const [source, target] = [viewOf(arena, from), viewOf(arena, to)]
  if (from.elementBytes === to.elementBytes) {
    target.set(source)
    return
  }
  const [width, other] = [panelWidth(from.elementBytes), panelWidth(to.elementBytes)]
  for (let j = 0; j < from.columns; j++) {
    let p = columnIndex(from.rows, j, from.elementBytes)
    let q = columnIndex(to.rows, j, to.elementBytes)
    for (let i = 0; i < from.rows; i++, p += width, q += other) target[q] = source[p]!
  }
}
