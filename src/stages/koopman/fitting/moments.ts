import { rowsIn, triangleSize } from '../../../linalg/triangular.ts'
import type { Layout } from '../layout.ts'
import type { Fit } from './fit.ts'
import { pairsOf } from './pairs.ts'
import type { Stretch } from './stretches.ts'

/**
 * Sums of products of [1 φ φ'] over the rows of one stretch, with φ the whitened positions along the fitted directions: a symmetric matrix
 * of `first` + 2 k rows, its upper triangle packed by rows. Maps are fitted to these moments many times: for resampled stretches, and for
 * halves of the run.
 */
export type Moments = Float64Array

export function stretchMoments(stretches: readonly Stretch[], fit: Fit, layout: Layout): Moments[] {
  const width = layout.first + 2 * fit.modes
  let { vectors } = fit
  return stretches
    .toReversed()
    .map(({ factor, turn, weight }) => {
      if (turn) vectors = turnedBack(vectors, turn, layout)
      return productsOf(seenAlong(factor, vectors, fit, layout), width, weight)
    })
    .reverse()
}

function productsOf(seen: Float64Array, width: number, weight: number): Moments {
  const moments = new Float64Array(triangleSize(width))
  for (let row = 0; row < seen.length; row += width) {
    for (let i = 0, at = 0; i < width; at += width - i, i++) {
      const value = weight * seen[row + i]!
      if (value === 0) continue
      for (let j = i; j < width; j++) moments[at + j - i]! += value * seen[row + j]!
    }
  }
  return moments
}

/** Directions in the basis before a turn R: applies Rᵀ to each of their positions. */
function turnedBack(vectors: Float64Array, rotation: Float64Array, { size }: Layout): Float64Array {
  const back = new Float64Array(vectors.length)
  for (let at = 0; at < vectors.length; at += size) {
    for (let a = 0; a < size; a++) {
      const value = vectors[at + a]!
      if (value === 0) continue
      for (let b = 0; b < size; b++) back[at + b]! += rotation[a * size + b]! * value
    }
  }
  return back
}

/** [1 φ φ'] of a factor's rows; a stretch has at most as many of them as it has steps. */
function seenAlong(
  factor: Float64Array,
  vectors: Float64Array,
  { modes, lengths }: Fit,
  layout: Layout
): Float64Array {
  const { width, first } = layout
  const count = rowsIn(factor, width)
  const pairs = pairsOf(factor, vectors, layout, 0, count)
  const seen = new Float64Array(count * (first + 2 * modes))
  if (first > 0 && count > 0) seen[0] = factor[0]!
  for (let i = 0, from = 0, to = 0; i < count; i++) {
    to += first
    for (let k = 0; k < 2 * modes; k++, from++, to++) seen[to] = pairs[from]! / lengths[k % modes]!
  }
  return seen
}

/** Weighted sums of moments, about their means if there is an intercept: [φ φ'] by rows of 2 k. */
export function centred(
  all: readonly Moments[],
  weights: ArrayLike<number>,
  { modes }: Pick<Fit, 'modes'>,
  first: number
): Float64Array {
  const width = 2 * modes
  const total = new Float64Array(triangleSize(first + width))
  for (let s = 0; s < all.length; s++) {
    const own = all[s]!
    const weight = weights[s]!
    if (weight === 0) continue
    for (let at = 0; at < total.length; at++) total[at]! += weight * own[at]!
  }
  const out = new Float64Array(width * width)
  const rows = first > 0 ? total[0]! : 0
  for (let i = 0, at = first > 0 ? first + width : 0; i < width; i++) {
    const factor = rows > 0 ? total[first + i]! / rows : 0
    for (let j = i; j < width; j++, at++) {
      const value = total[at]! - (first > 0 ? factor * total[first + j]! : 0)
      out[i * width + j] = value
      out[j * width + i] = value
    }
  }
  return out
}

/** A direction is left out if stretches hold less than this share of what all stretches together hold in it. */
const leastShare = 1e-9

/**
 * The map of centred moments, M = G⁻¹ K by Cholesky, and what it leaves unexplained of the later positions. A direction that these
 * stretches do not contain is left out: the map sends it to zero.
 */
export function mapOf(
  moments: Float64Array,
  modes: number
): { readonly map: Float64Array; readonly left: number; readonly whole: number } {
  const width = 2 * modes
  const g = new Float64Array(modes * modes)
  const map = new Float64Array(modes * modes)
  let whole = 0
  for (let i = 0; i < modes; i++) {
    for (let j = 0; j < modes; j++) {
      g[i * modes + j] = moments[i * width + j]!
      map[i * modes + j] = moments[i * width + modes + j]!
    }
    whole += moments[(modes + i) * width + modes + i]!
  }
  for (let j = 0; j < modes; j++) {
    let pivot = g[j * modes + j]!
    for (let c = 0; c < j; c++) pivot -= g[j * modes + c]! * g[j * modes + c]!
    const root = pivot > leastShare ? Math.sqrt(pivot) : Infinity
    g[j * modes + j] = root
    for (let i = j + 1; i < modes; i++) {
      let value = g[i * modes + j]!
      for (let c = 0; c < j; c++) value -= g[i * modes + c]! * g[j * modes + c]!
      g[i * modes + j] = value / root
    }
  }
  let told = 0
  for (let i = 0; i < modes; i++) {
    for (let j = 0; j < modes; j++) {
      let value = map[i * modes + j]!
      for (let c = 0; c < i; c++) value -= g[i * modes + c]! * map[c * modes + j]!
      map[i * modes + j] = value / g[i * modes + i]!
      told += map[i * modes + j]! * map[i * modes + j]!
    }
  }
  for (let i = modes - 1; i >= 0; i--) {
    for (let j = 0; j < modes; j++) {
      let value = map[i * modes + j]!
      for (let c = i + 1; c < modes; c++) value -= g[c * modes + i]! * map[c * modes + j]!
      map[i * modes + j] = value / g[i * modes + i]!
    }
  }
  return { map, left: Math.max(0, whole - told), whole }
}
