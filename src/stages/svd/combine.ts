import { isIdentity, multiply } from '../../linalg/matrix.ts'
import type { Product } from '../../linalg/products.ts'
import { fading, type Mark } from '../../stage/index.ts'

/**
 * How the columns that enter the decomposition are formed from the columns of M = [B X q]: new = M W. Small matrices by rows.
 *
 * Deltas enter as they are; with forgetting, column j is scaled by √v_j, v_j = β^(n - 1 - j), and B by β^(n / 2). Positions enter centred
 * (Ross et al. 2008) and scaled in the same way. Column j of the block is y_j = pos + x_0 + .. + x_j. With ȳ the weighted mean, y_j - ȳ is
 * a combination of X alone. The shift of the mean enters as √(N V / (N + V)) (m - ȳ), where m is the mean of the earlier positions, N is
 * β^n times their weight, V = Σ v_j, and q = m - ȳ.
 */
export interface Combination {
  /** `rows` x `size`, with `rows` the number of columns of M. */
  readonly w: Float64Array
  readonly rows: number
  readonly size: number
  /** Columns of A that the block adds. */
  readonly added: number
  /** Factor by which earlier columns fade: β^n. */
  readonly fade: number
}

export function combineDeltas(kept: number, marks: readonly Mark[], forget: number): Combination {
  const taken = marks.flatMap(({ present }, j) => (present ? [j] : []))
  const { weights, fade } = fading(taken.length, forget)
  const size = kept + taken.length
  const rows = kept + marks.length
  const w = faded(kept, rows, size, fade)
  taken.forEach((j, i) => {
    w[(kept + j) * size + kept + i] = Math.sqrt(weights[i]!)
  })
  return { w, rows, size, added: taken.length, fade }
}

/** Which columns' positions count, their weights v and the sum V of these, the factor for earlier ones, and u: ȳ = pos + X u. */
export interface MeanWeights {
  readonly taken: readonly number[]
  readonly v: Float64Array
  readonly total: number
  readonly fade: number
  readonly u: Float64Array
}

export function meanWeights(marks: readonly Mark[], forget: number): MeanWeights {
  const taken = marks.flatMap(({ present, sure }, j) => (present && sure ? [j] : []))
  const { weights: v, fade } = fading(taken.length, forget)
  const sumFrom = (i: number): number =>
    v.reduce((sum, weight, k) => sum + (taken[k]! >= i ? weight : 0), 0)
  const total = sumFrom(0)
  const u = Float64Array.from(marks, (_, i) => sumFrom(i) / (total || 1))
  return { taken, v, total, fade, u }
}

/** @param weight of the earlier positions */
export function combinePositions(
  kept: number,
  { taken, v, total, fade, u }: MeanWeights,
  weight: number
): Combination {
  const added = taken.length
  const size = kept + added + 1
  const rows = kept + u.length + 1
  const w = faded(kept, rows, size, fade)
  taken.forEach((j, column) => {
    const scale = Math.sqrt(v[column]!)
    u.forEach((share, i) => {
      w[(kept + i) * size + kept + column] = scale * (Number(i <= j) - share)
    })
  })
  const earlier = fade * weight
  w[rows * size - 1] = added === 0 ? 0 : Math.sqrt((earlier * total) / (earlier + total))
  return { w, rows, size, added, fade }
}

/** W with the faded columns of B as its first columns. */
function faded(kept: number, rows: number, size: number, fade: number): Float64Array {
  const w = new Float64Array(rows * size)
  for (let i = 0; i < kept; i++) w[i * size + i] = Math.sqrt(fade)
  return w
}

/** Whether W is the identity: deltas enter as they are. */
const isPlain = ({ w, rows, size }: Combination): boolean => rows === size && isIdentity(w, size)

/**
 * Wᵀ C W for C by rows.
 *
 * @param squares the part of the first columns if it is known: diagonal, with these values before fading
 */
export function congruence(
  c: Float64Array,
  combination: Combination,
  product: Product,
  squares = new Float64Array()
): Float64Array {
  const { size, fade } = combination
  const own = isPlain(combination) ? c.slice() : turned(c, combination, product)
  squares.forEach((square, i) => {
    own.fill(0, i * size, i * size + squares.length)
    own[i * size + i] = fade * square
  })
  return own
}

/** Wᵀ C W, symmetric to the bit. */
function turned(c: Float64Array, { w, rows, size }: Combination, product: Product): Float64Array {
  const out = product(w, product(c, w, [rows, rows, size]), [size, rows, size], true)
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) {
      const mean = (out[a * size + b]! + out[b * size + a]!) / 2
      out[a * size + b] = out[b * size + a] = mean
    }
  }
  return out
}

/** W V for the first `kept` columns of V, in rows of `pitch`: the matrix by which rows are turned. */
export function rotation(
  { w, rows, size }: Combination,
  vectors: Float64Array,
  kept: number,
  pitch = kept
): Float64Array {
  return multiply(w, vectors, size, rows, kept, pitch)
}
