import { linalgKernels } from '../../linalg/kernels.gen.ts'
import { columnIndex, type PlacedPanels, panelWidth, viewOf } from '../../linalg/panels.ts'
import type { Arena } from '../../stage/index.ts'
import type { Sides } from './polar.ts'

/** target <- weights + a step of this norm in a random direction; the target is f64. */
export function addDirection(
  arena: Arena,
  { long, short }: Sides,
  weights: PlacedPanels,
  norm: number,
  seed: number,
  target: PlacedPanels
): void {
  const { noise } = arena.kernels(linalgKernels)
  const place = { y: target.at, rows: long, columns: short, long: target.rows, seed }
  const scale = norm / Math.sqrt(noise(place))
  const [from, to] = [viewOf(arena, weights), viewOf(arena, target)]
  const [width, own] = [panelWidth(weights.elementBytes), panelWidth(target.elementBytes)]
  for (let j = 0; j < short; j++) {
    let p = columnIndex(weights.rows, j, weights.elementBytes)
    let q = columnIndex(target.rows, j, target.elementBytes)
    for (let i = 0; i < long; i++, p += width, q += own) to[q] = from[p]! + scale * to[q]!
  }
}
