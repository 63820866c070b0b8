import { triangleRow, triangleSize } from '../../linalg/triangular.ts'
import { heightOf } from './factors.ts'
import type { Fit } from './fit.ts'
import type { Layout } from './layout.ts'
import type { Stretch } from './stretches.ts'

/**
 * Sums of products of [1 φ φ'] over one stretch's rows, φ whitened positions along the fitted directions: a symmetric matrix of
 * `first` + 2 k rows, as its upper triangle packed by rows. They are what a map is fitted to again and again: to stretches drawn
 * anew, to halves of the run.
 */
export type Moments = Float64Array

export const momentsWidth = ({ modes }: Fit, { first }: Layout): number => first + 2 * modes

export function stretchMoments(stretches: readonly Stretch[], fit: Fit, layout: Layout): Moments[] {
  let { vectors } = fit
  return stretches
    .toReversed()
    .map(({ factor, turn, weight }) => {
      if (turn) vectors = turnedBack(vectors, turn, layout)
      return productsOf(seenAlong(factor, vectors, fit, layout), momentsWidth(fit, layout), weight)
    })
    .reverse()
}

function productsOf(seen: Float64Array, width: number, weight: number): Moments {
  const moments = new Float64Array(triangleSize(width))
  for (let row = 0; row < seen.length; row += width) {
    for (let i = 0, at = 0; i < width; i++) {
      const value = weight * seen[row + i]!
      for (let j = i; j < width; j++, at++) moments[at]! += value * seen[row + j]!
    }
  }
  return moments
}

/** Directions in the basis before a turn R: Rᵀ of each of their positions. */
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

/** [1 φ φ'] of a factor's rows. */
function seenAlong(
  factor: Float64Array,
  vectors: Float64Array,
  { modes, lengths }: Fit,
  { width, first, size, state }: Layout
): Float64Array {
  // A stretch has no more rows that are not zero than it has steps.
  const height = heightOf(factor, width)
  const out = first + 2 * modes
  const seen = new Float64Array(height * out)
  for (let i = 0; i < height; i++) {
    const row = triangleRow(width, i) + first
    if (first > 0 && i === 0) seen[0] = factor[0]!
    for (let k = 0; k < modes; k++) {
      let now = 0
      let later = 0
      // Before the diagonal all is zero, which for positions now is further to the right.
      const start = Math.max(0, i - first)
      for (let c = Math.max(0, start - size); c < Math.min(start, state); c++) {
        later += vectors[k * state + c]! * factor[row + size + c]!
      }
      for (let c = start; c < state; c++) {
        const v = vectors[k * state + c]!
        now += v * factor[row + c]!
        later += v * factor[row + size + c]!
      }
      seen[i * out + first + k] = now / lengths[k]!
      seen[i * out + first + modes + k] = later / lengths[k]!
    }
  }
  return seen
}

/** Sums of moments with weights, about their means where there is an intercept: of [φ φ'], packed as they are. */
export function centred(
  all: readonly Moments[],
  weights: ArrayLike<number>,
  { modes }: Fit,
  first: number
): Float64Array {
  const total = new Float64Array(triangleSize(first + 2 * modes))
  all.forEach((own, s) => {
    const weight = weights[s]!
    if (weight === 0) return
    for (let at = 0; at < total.length; at++) total[at]! += weight * own[at]!
  })
  if (first === 0) return total
  // Below the first row, that of the sums, lies the triangle of the rest.
  const sums = total.subarray(1, 1 + 2 * modes)
  const rest = total.subarray(1 + 2 * modes)
  for (let i = 0, at = 0; i < sums.length; i++) {
    const mean = total[0]! > 0 ? sums[i]! / total[0]! : 0
    for (let j = i; j < sums.length; j++, at++) rest[at]! -= mean * sums[j]!
  }
  return rest
}

/** A direction that holds less than this share of what it holds in all stretches together cannot be told. */
const leastShare = 1e-9

/**
 * The map of centred moments [G K; Kᵀ H], M = G⁻¹ K by Cholesky, and what it leaves of the later positions. A direction that these
 * stretches do not have is left out: the map makes nothing of it.
 */
export function mapOf(
  moments: Float64Array,
  modes: number
): { readonly map: Float64Array; readonly left: number; readonly whole: number } {
  const width = 2 * modes
  // Where a row has its column 0, if all rows were whole.
  const rowAt = Array.from({ length: width }, (_, i) => triangleRow(width, i))
  // [G K] becomes [R Z], G = RᵀR and Z = R⁻ᵀK.
  const rows = moments.slice(0, rowAt[modes]! + modes)
  let told = 0
  for (let p = 0; p < modes; p++) {
    const own = rowAt[p]!
    for (let q = 0; q < p; q++) {
      const other = rowAt[q]!
      const factor = rows[other + p]!
      for (let c = p; c < width; c++) rows[own + c]! -= factor * rows[other + c]!
    }
    const pivot = rows[own + p]!
    const root = pivot > leastShare ? Math.sqrt(pivot) : Infinity
    rows[own + p] = root
    for (let c = p + 1; c < width; c++) rows[own + c]! /= root
    for (let c = modes; c < width; c++) told += rows[own + c]! * rows[own + c]!
  }
  const map = new Float64Array(modes * modes)
  for (let i = modes - 1; i >= 0; i--) {
    const own = rowAt[i]!
    for (let j = 0; j < modes; j++) map[i * modes + j] = rows[own + modes + j]!
    for (let c = i + 1; c < modes; c++) {
      const factor = rows[own + c]!
      for (let j = 0; j < modes; j++) map[i * modes + j]! -= factor * map[c * modes + j]!
    }
    for (let j = 0; j < modes; j++) map[i * modes + j]! /= rows[own + i]!
  }
  let whole = 0
  for (let i = modes; i < width; i++) whole += moments[rowAt[i]! + i]!
  return { map, left: Math.max(0, whole - told), whole }
}
