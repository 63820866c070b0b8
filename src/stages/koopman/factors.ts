import { absorb, rowsIn, triangleRow, triangleSize, unpacked } from '../../linalg/triangular.ts'
import type { Layout } from './layout.ts'

// Triangular factors of rows [1 z(t - d - 1) .. z(t)]; `../../linalg/triangular.ts` states what they are.

/**
 * The factor of the same rows with each z as R z: R is `size` x `size` by rows, zero beyond what it turns to and from.
 */
export function turned(factor: Float64Array, rotation: Float64Array, layout: Layout): Float64Array {
  const { width, size, depth, first } = layout
  const count = rowsIn(factor, width)
  const rows = unpacked(factor, width, 0, count)
  const z = new Float64Array(size)
  for (let i = 0; i < count; i++) {
    for (let p = 0; p < depth; p++) {
      // Before the diagonal all is zero.
      if (first + (p + 1) * size <= i) continue
      const at = i * width + first + p * size
      z.set(rows.subarray(at, at + size))
      for (let a = 0; a < size; a++) {
        let sum = 0
        for (let b = 0; b < size; b++) sum += rotation[a * size + b]! * z[b]!
        rows[at + a] = sum
      }
    }
  }
  const out = new Float64Array(triangleSize(width))
  absorb(out, width, rows, count)
  return out
}

/** Takes another factor's rows in. */
export function join(factor: Float64Array, other: Float64Array, { width }: Layout): void {
  const count = rowsIn(other, width)
  absorb(factor, width, unpacked(other, width, 0, count), count, true)
}

export function fade(factor: Float64Array, weight: number): void {
  if (weight === 1) return
  const scale = Math.sqrt(weight)
  for (let i = 0; i < factor.length; i++) factor[i]! *= scale
}

/** Squared length of all rows, about their mean where there is an intercept. */
export function energyOf(factor: Float64Array, { width, first }: Layout): number {
  let sum = 0
  for (let at = triangleRow(width, first) + first; at < factor.length; at++) {
    sum += factor[at]! * factor[at]!
  }
  return sum
}
