import { triangleRow } from '../../../linalg/triangular.ts'
import type { Layout } from '../layout.ts'

/**
 * Positions now and one step later along k directions, from rows `from` to `to` of a factor, by rows of 2 k. It works on two directions at
 * a time, so that no sum has to wait for its own last addition.
 *
 * @param vectors k x `state` by rows
 */
export function pairsOf(
  factor: Float64Array,
  vectors: Float64Array,
  { width, first, size, state }: Layout,
  from: number,
  to: number
): Float64Array {
  const modes = vectors.length / state
  const pairs = new Float64Array((to - from) * 2 * modes)
  for (let i = from, out = 0; i < to; i++, out += 2 * modes) {
    const now = triangleRow(width, i) + first
    const later = now + size
    // Everything before the diagonal is zero; for the present positions it is further to the right.
    const start = Math.max(0, i - first)
    const before = Math.max(0, start - size)
    for (let k = 0; k < modes; k += 2) {
      const one = k * state
      const other = Math.min(k + 1, modes - 1) * state
      let [p, q, r, s] = [0, 0, 0, 0]
      for (let c = before; c < Math.min(start, state); c++) {
        const z = factor[later + c]!
        r += vectors[one + c]! * z
        s += vectors[other + c]! * z
      }
      for (let c = start; c < state; c++) {
        const y = factor[now + c]!
        const z = factor[later + c]!
        const v = vectors[one + c]!
        const w = vectors[other + c]!
        p += v * y
        q += w * y
        r += v * z
        s += w * z
      }
      pairs[out + k] = p
      pairs[out + modes + k] = r
      if (k + 1 < modes) {
        pairs[out + k + 1] = q
        pairs[out + modes + k + 1] = s
      }
    }
  }
  return pairs
}
