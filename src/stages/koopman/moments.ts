import { unpacked } from '../../linalg/triangular.ts'
import type { Fit } from './fit.ts'
import type { Layout } from './layout.ts'
import type { Stretch } from './stretches.ts'

/**
 * Sums of products of [1 φ φ'] over one stretch's rows, φ whitened positions along the fitted directions, by rows of
 * `first` + 2 k. They are what a map is fitted to again and again: to stretches drawn anew, to halves of the run.
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
  const moments = new Float64Array(width * width)
  for (let at = 0; at < seen.length; at += width) {
    for (let i = 0; i < width; i++) {
      const value = weight * seen[at + i]!
      if (value === 0) continue
      for (let j = i; j < width; j++) moments[i * width + j]! += value * seen[at + j]!
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) moments[i * width + j] = moments[j * width + i]!
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
  const rows = unpacked(factor, width)
  const out = first + 2 * modes
  const seen = new Float64Array(width * out)
  for (let i = 0; i < width; i++) {
    // A stretch has no more rows that are not zero than it has steps.
    if (isZero(rows, i * width + i, (i + 1) * width)) continue
    if (first > 0) seen[i * out] = rows[i * width]!
    for (let k = 0; k < modes; k++) {
      let now = 0
      let later = 0
      // Before the diagonal all is zero, which for positions now is further to the right.
      const start = Math.max(0, i - first)
      for (let c = Math.max(0, start - size); c < Math.min(start, state); c++) {
        later += vectors[k * state + c]! * rows[i * width + first + size + c]!
      }
      for (let c = start; c < state; c++) {
        const v = vectors[k * state + c]!
        now += v * rows[i * width + first + c]!
        later += v * rows[i * width + first + size + c]!
      }
      seen[i * out + first + k] = now / lengths[k]!
      seen[i * out + first + modes + k] = later / lengths[k]!
    }
  }
  return seen
}

function isZero(values: Float64Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (values[at] !== 0) return false
  return true
}

/** Sums of moments with weights, about their means where there is an intercept: [φ φ'] by rows of 2 k. */
export function centred(
  all: readonly Moments[],
  weights: ArrayLike<number>,
  { modes }: Fit,
  first: number
): Float64Array {
  const width = first + 2 * modes
  const total = new Float64Array(width * width)
  all.forEach((own, s) => {
    const weight = weights[s]!
    if (weight === 0) return
    // Symmetric, as its upper half: the lower one follows.
    for (let i = 0; i < width; i++) {
      for (let at = i * width + i; at < (i + 1) * width; at++) total[at]! += weight * own[at]!
    }
  })
  const out = new Float64Array(4 * modes * modes)
  for (let i = 0; i < 2 * modes; i++) {
    const factor = first > 0 && total[0]! > 0 ? total[first + i]! / total[0]! : 0
    for (let j = i; j < 2 * modes; j++) {
      const mean = first > 0 ? factor * total[first + j]! : 0
      const value = total[(first + i) * width + first + j]! - mean
      out[i * 2 * modes + j] = value
      out[j * 2 * modes + i] = value
    }
  }
  return out
}

/** A direction that holds less than this share of what it holds in all stretches together cannot be told. */
const leastShare = 1e-9

/**
 * The map of centred moments, M = G⁻¹ K by Cholesky, and what it leaves of the later positions. A direction that these
 * stretches do not have is left out: the map makes nothing of it.
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
