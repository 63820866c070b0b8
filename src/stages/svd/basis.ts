import { diagonal, upperIndex } from '../../linalg/matrix.ts'
import type { SvdState } from './state.ts'

/** W of B = S W, S the columns that are stored: `count` x `count` by rows. */
export interface Basis {
  readonly w: Float64Array
  readonly count: number
}

/** W where columns other than B's are stored. */
export function basisOf({ eliminated, basis, kept }: SvdState): Basis | undefined {
  return eliminated > 0 ? { w: basis.slice(), count: kept } : undefined
}

/** What a block decomposes, for the packed Gram matrix of M = [S X q]. */
export interface Entering {
  /** The same of [B X q]. */
  readonly gram: Float64Array
  /** Squared norms of M's columns. */
  readonly squares: Float64Array
  /** Norms that rounding of `gram` goes with. */
  readonly norms: Float64Array
}

export function entering(
  packed: Float64Array,
  size: number,
  basis: Basis | undefined,
  isKnown: boolean
): Entering {
  const squares = diagonal(packed, size)
  const norms = squares.map(Math.sqrt)
  if (basis === undefined) return { gram: packed, squares, norms }
  return { gram: gramIn(packed, size, basis, isKnown), squares, norms: normsIn(norms, basis) }
}

/** The Gram matrix of [B X q] for that of [S X q], packed upper triangles; BᵀB is formed unless it is known. */
function gramIn(
  packed: Float64Array,
  size: number,
  { w, count }: Basis,
  isKnown: boolean
): Float64Array {
  const out = packed.slice()
  const at = (i: number, j: number): number => upperIndex(size, i, j)
  out.fill(0, 0, at(count, count))
  for (let k = 0; k < count; k++) {
    for (let i = 0; i < count; i++) {
      add(out, at(i, count), w[k * count + i]!, packed, at(k, count), size - count)
    }
  }
  if (isKnown) return out
  // SᵀS W, then Wᵀ times it.
  const half = new Float64Array(count * count)
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < count; k++) {
      add(half, i * count, packed[at(i, k)]!, w, k * count, count)
    }
  }
  for (let k = 0; k < count; k++) {
    for (let i = 0; i < count; i++) {
      add(out, at(i, i), w[k * count + i]!, half, k * count + i, count - i)
    }
  }
  return out
}

/** Norms of S's columns weighted as they enter B's. */
function normsIn(norms: Float64Array, { w, count }: Basis): Float64Array {
  const out = norms.slice().fill(0, 0, count)
  for (let k = 0; k < count; k++) {
    for (let i = 0; i < count; i++) out[i]! += Math.abs(w[k * count + i]!) * norms[k]!
  }
  return out
}

/** What S, X and q enter new columns with, for what B, X and q do, in rows of `pitch`. */
export function weightsIn(v: Float64Array, pitch: number, basis: Basis | undefined): Float64Array {
  if (basis === undefined) return v
  const { w, count } = basis
  const out = v.slice().fill(0, 0, count * pitch)
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < count; k++) {
      add(out, i * pitch, w[i * count + k]!, v, k * pitch, pitch)
    }
  }
  return out
}

/** Adds a multiple of `length` elements to others. */
function add(
  to: Float64Array,
  at: number,
  factor: number,
  from: Float64Array,
  first: number,
  length: number
): void {
  for (let j = 0; j < length; j++) to[at + j]! += factor * from[first + j]!
}
