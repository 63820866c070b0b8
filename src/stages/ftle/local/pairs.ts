import { jacobi } from '../../../linalg/jacobi.ts'
import { add, addOuter } from '../../../linalg/vector.ts'
import type { Path } from './path.ts'

/** Directions in which the path is shorter than this fraction of its longest one are rounding noise. */
export const noise = 1e-6

/** Number of stretches of the window, each left out in turn for the intervals. */
export const batches = 8

/** Sums over the pairs of one stretch: y is a whitened position and v the next one. */
interface Moments {
  readonly pairs: number
  readonly y: Float64Array
  readonly v: Float64Array
  /** Σ y yᵀ and Σ v yᵀ, by rows. */
  readonly yy: Float64Array
  readonly vy: Float64Array
}

/**
 * Positions of a window as pairs of successive ones, in the principal directions of the window that are above noise, scaled to unit
 * variance. So linear maps between them are well conditioned.
 */
export interface Pairs {
  readonly pairs: number
  /** Number of directions, k. */
  readonly size: number
  /** Length of the path along each direction (a root of a sum of squares). */
  readonly lengths: Float64Array
  /** Scaled positions, `pairs` + 1 times k. */
  readonly points: Float64Array
  readonly parts: readonly Moments[]
}

/** The pairs of the points [from, to] of a path. */
export function pairsOf(path: Path, from: number, to: number): Pairs {
  const { rank } = path
  const count = to - from + 1
  const mean = new Float64Array(rank)
  const z = new Float64Array(rank)
  // Measured from the first point, so that a path that stands still gives zero.
  const shifted = (t: number): Float64Array => {
    z.set(path.position(t))
    add(z, path.position(from), -1)
    return z
  }
  for (let t = from; t <= to; t++) add(mean, shifted(t), 1 / count)
  const gram = new Float64Array(rank * rank)
  const centred = (t: number): Float64Array => {
    add(shifted(t), mean, -1)
    return z
  }
  for (let t = from; t <= to; t++) addOuter(gram, centred(t), z)
  const { values, vectors } = jacobi(gram, rank)
  const size = values.filter((value) => value > noise * noise * values[0]!).length
  const lengths = values.subarray(0, size).map(Math.sqrt)
  const points = new Float64Array(count * size)
  for (let t = 0; t < count; t++) {
    centred(from + t)
    for (let i = 0; i < rank; i++) {
      for (let k = 0; k < size; k++) points[t * size + k]! += vectors[i * rank + k]! * z[i]!
    }
    for (let k = 0; k < size; k++) points[t * size + k]! *= Math.sqrt(count) / lengths[k]!
  }
  const pairs = count - 1
  const edge = (b: number): number => Math.floor((b * pairs) / batches)
  const parts = Array.from({ length: batches }, (_, b) =>
    momentsOf(points, size, edge(b), edge(b + 1))
  )
  return { pairs, size, lengths, points, parts }
}

function momentsOf(points: Float64Array, size: number, from: number, to: number): Moments {
  const sums = emptyMoments(size, to - from)
  for (let t = from; t < to; t++) {
    const y = points.subarray(t * size, (t + 1) * size)
    const v = points.subarray((t + 1) * size, (t + 2) * size)
    add(sums.y, y)
    add(sums.v, v)
    addOuter(sums.yy, y, y)
    addOuter(sums.vy, v, y)
  }
  return sums
}

export const emptyMoments = (size: number, pairs: number): Moments => ({
  pairs,
  y: new Float64Array(size),
  v: new Float64Array(size),
  yy: new Float64Array(size * size),
  vy: new Float64Array(size * size),
})
