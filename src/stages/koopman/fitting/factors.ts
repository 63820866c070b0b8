import { rowsIn, triangleRow, triangleSize, unpacked } from '../../../linalg/triangular.ts'
import type { Layout } from '../layout.ts'
import type { Solver } from './solver.ts'

/** Operations on triangular factors of rows [1 z(t - d - 1) .. z(t)]; `../../linalg/triangular.ts` defines these. */
export class Factors {
  readonly #layout: Layout
  readonly #solver: Solver

  constructor(layout: Layout, solver: Solver) {
    this.#layout = layout
    this.#solver = solver
  }

  /** Takes in `count` rows, which are overwritten. */
  absorb(factor: Float64Array, rows: Float64Array, count: number): void {
    this.#solver.absorb(factor, this.#layout.width, rows, count)
  }

  /** Takes in the rows of another factor. */
  join(factor: Float64Array, other: Float64Array): void {
    const { width } = this.#layout
    const count = rowsIn(other, width)
    this.#solver.absorb(factor, width, unpacked(other, width, 0, count), count, true)
  }

  /**
   * The factor of the same rows with each z replaced by R z: R is `size` x `size` by rows, zero beyond the directions that it turns from
   * and to. It works on two rows of R at a time, so that no sum has to wait for its own last addition.
   */
  turned(factor: Float64Array, rotation: Float64Array): Float64Array {
    const { width, size, depth, first } = this.#layout
    const count = rowsIn(factor, width)
    const rows = unpacked(factor, width, 0, count)
    const z = new Float64Array(size)
    for (let i = 0; i < count; i++) {
      for (let p = 0; p < depth; p++) {
        // Everything before the diagonal is zero.
        if (first + (p + 1) * size <= i) continue
        const at = i * width + first + p * size
        z.set(rows.subarray(at, at + size))
        for (let a = 0; a < size; a += 2) {
          const one = a * size
          const other = Math.min(a + 1, size - 1) * size
          let sum = 0
          let beside = 0
          for (let b = 0; b < size; b++) {
            sum += rotation[one + b]! * z[b]!
            beside += rotation[other + b]! * z[b]!
          }
          rows[at + a] = sum
          if (a + 1 < size) rows[at + a + 1] = beside
        }
      }
    }
    const out = new Float64Array(triangleSize(width))
    this.#solver.absorb(out, width, rows, count)
    return out
  }

  /** Squared length of all rows, about their mean if there is an intercept. */
  energyOf(factor: Float64Array): number {
    const { width, first } = this.#layout
    let sum = 0
    for (let at = triangleRow(width, first) + first; at < factor.length; at++) {
      sum += factor[at]! * factor[at]!
    }
    return sum
  }
}

export function fade(factor: Float64Array, weight: number): void {
  if (weight === 1) return
  const scale = Math.sqrt(weight)
  for (let i = 0; i < factor.length; i++) factor[i]! *= scale
}
