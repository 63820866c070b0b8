import { linalgKernels } from '../../linalg/kernels.gen.ts'
import { columnIndex, type PlacedPanels, panels, panelWidth, viewOf } from '../../linalg/panels.ts'
import { symmetricEigen } from '../../linalg/symmetric.ts'
import type { Arena } from '../../stage/index.ts'
import type { PolarRoom, Sides } from './polar.ts'

/** A direction has reversed if its cosine with itself at the previous look is below this. */
const turnedRound = -0.9

/** Mean cosine between the columns of two polar factors, over the columns that are zero in neither. NaN if there are none. */
export function meanCosine(arena: Arena, a: PlacedPanels, b: PlacedPanels, short: number): number {
  const [x, y] = [viewOf(arena, a), viewOf(arena, b)]
  const width = panelWidth(a.elementBytes)
  let sum = 0
  let columns = 0
  for (let j = 0; j < short; j++) {
    let [xx, yy, xy] = [0, 0, 0]
    const from = columnIndex(a.rows, j, a.elementBytes)
    for (let p = from; p < from + a.rows * width; p += width) {
      xx += x[p]! * x[p]!
      yy += y[p]! * y[p]!
      xy += x[p]! * y[p]!
    }
    // A column without weights contains only rounding.
    if (xx < 1e-9 || yy < 1e-9) continue
    sum += xy / Math.sqrt(xx * yy)
    columns++
  }
  return sum / columns
}

/**
 * Number of directions that changed sign from the polar factor `before` to `now`: eigenvalues near -1 of the symmetric part of Q'ᵀ Q.
 * Overwrites `room.matrix` and `room.square`.
 */
export function flipsBetween(
  arena: Arena,
  before: PlacedPanels,
  now: PlacedPanels,
  { short }: Sides,
  room: PolarRoom
): number {
  const { rows: k, columns: n, elementBytes } = now
  const kernels = arena.kernels(linalgKernels)
  const product: PlacedPanels = { at: room.matrix, ...panels(n, n, elementBytes) }
  const out = { start: room.matrix, row: 32, panel: 32 * n }
  const inner = { a: before.at, m: n, b: now.at, n, k, isSymmetric: false, out }
  if (elementBytes === 8) kernels.inner_f64(inner)
  else kernels.inner_f32(inner)
  const m = viewOf(arena, product)
  const width = panelWidth(elementBytes)
  const symmetric = arena.f64(room.square, n * n)
  for (let i = 0; i < short; i++) {
    const across = columnIndex(n, i, elementBytes)
    for (let j = 0; j <= i; j++) {
      const own = m[columnIndex(n, j, elementBytes) + width * i]!
      symmetric[i * n + j] = (own + m[across + width * j]!) / 2
    }
  }
  const { values } = symmetricEigen(arena, room.square, short, room.work)
  return values.filter((value) => value < turnedRound).length
}

/** ‖a - b‖ and ‖b‖. */
export function distance(
  arena: Arena,
  a: PlacedPanels,
  b: PlacedPanels
): { apart: number; norm: number } {
  const [x, y] = [viewOf(arena, a), viewOf(arena, b)]
  const [width, other] = [panelWidth(a.elementBytes), panelWidth(b.elementBytes)]
  let [apart, norm] = [0, 0]
  for (let j = 0; j < a.columns; j++) {
    let p = columnIndex(a.rows, j, a.elementBytes)
    let q = columnIndex(b.rows, j, b.elementBytes)
    for (let i = 0; i < a.rows; i++, p += width, q += other) {
      const change = x[p]! - y[q]!
      apart += change * change
      norm += y[q]! * y[q]!
    }
  }
  return { apart: Math.sqrt(apart), norm: Math.sqrt(norm) }
}
