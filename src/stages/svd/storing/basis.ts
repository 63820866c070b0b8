import { diagonal, upperIndex } from '../../../linalg/matrix.ts'
import type { Product } from '../../../linalg/products.ts'
import type { Small } from '../small.ts'
import type { SvdState } from '../state.ts'

/** W of B = S W, where S are the stored columns: `count` x `count` by rows. */
export interface Basis {
  readonly w: Float64Array
  readonly count: number
}

/** W if other columns than those of B are stored. */
export function basisOf({ eliminated, basis, kept }: SvdState): Basis | undefined {
  return eliminated > 0 ? { w: basis.slice(), count: kept } : undefined
}

/** The columns that a block decomposes, from the packed Gram matrix of M = [S X q]. */
export interface Entering {
  /** The Gram matrix of [B X q]. */
  readonly gram: Float64Array
  /** Squared norms of the columns of M. */
  readonly squares: Float64Array
  /** Norms to which the rounding of `gram` is relative. */
  readonly norms: Float64Array
}

export function entering(
  packed: Float64Array,
  size: number,
  basis: Basis | undefined,
  isKnown: boolean,
  small: Small
): Entering {
  const squares = diagonal(packed, size)
  const norms = squares.map(Math.sqrt)
  if (basis === undefined) return { gram: packed, squares, norms }
  return {
    gram: gramIn(packed, size, basis, isKnown, small),
    squares,
    norms: normsIn(norms, basis),
  }
}

/** The Gram matrix of [B X q] from that of [S X q], packed upper triangles; BᵀB is formed unless it is known. */
function gramIn(
  packed: Float64Array,
  size: number,
  { w, count }: Basis,
  isKnown: boolean,
  { product }: Small
): Float64Array {
  const out = packed.slice()
  const rest = size - count
  const row = (i: number, j: number): number => upperIndex(size, i, j)
  const across = new Float64Array(count * rest)
  for (let i = 0; i < count; i++) {
    const at = row(i, count)
    across.set(packed.subarray(at, at + rest), i * rest)
  }
  const turned = product(w, across, [count, count, rest], true)
  const square = isKnown ? undefined : within(packed, size, { w, count }, product)
  for (let i = 0; i < count; i++) {
    out.set(turned.subarray(i * rest, (i + 1) * rest), row(i, count))
    if (square) out.set(square.subarray(i * (count + 1), (i + 1) * count), row(i, i))
  }
  return out
}

/** Wᵀ SᵀS W. */
function within(
  packed: Float64Array,
  size: number,
  { w, count }: Basis,
  product: Product
): Float64Array {
  const own = new Float64Array(count * count)
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) own[i * count + j] = packed[upperIndex(size, i, j)]!
  }
  const shape = [count, count, count] as const
  return product(w, product(own, w, shape), shape, true)
}

/** Norms of the columns of S, weighted as they enter the columns of B. */
function normsIn(norms: Float64Array, { w, count }: Basis): Float64Array {
  const out = norms.slice().fill(0, 0, count)
  for (let k = 0; k < count; k++) {
    for (let i = 0; i < count; i++) out[i]! += Math.abs(w[k * count + i]!) * norms[k]!
  }
  return out
}

/** The weights of S, X and q in the new columns, from those of B, X and q, in rows of `pitch`. */
export function weightsIn(
  v: Float64Array,
  pitch: number,
  basis: Basis | undefined,
  { product }: Small
): Float64Array {
  if (basis === undefined) return v
  const { w, count } = basis
  const out = v.slice()
  out.set(product(w, v.subarray(0, count * pitch), [count, count, pitch]))
  return out
}
