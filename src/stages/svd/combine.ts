import type { Mark } from '../../engine/block.ts'

/**
 * How the columns that enter the decomposition are made of those of M = [B X q]: new = M W. Small matrices by rows.
 *
 * Deltas enter as they are, scaled by √v_j, v_j = β^(n - 1 - j), where they are forgotten, B by β^(n / 2). Positions enter
 * centred (Ross et al. 2008) and scaled in the same way: column j of the block is y_j = pos + x_0 + .. + x_j; y_j - ȳ, ȳ the
 * weighted mean, is a combination of X alone, and the shift of the mean enters as √(N V / (N + V)) (m - ȳ), with m the mean
 * of the earlier positions, N = β^n times their weight, V = Σ v_j, and q = m - ȳ.
 */
export interface Combination {
  /** K x size. */
  readonly w: Float64Array
  readonly size: number
  /** Columns of A that the block adds. */
  readonly added: number
  /** Factor of what was known before: β^n. */
  readonly fade: number
}

export function combineDeltas(kept: number, marks: readonly Mark[], forget: number): Combination {
  const taken = marks.flatMap((mark, j) => (mark.present ? [j] : []))
  const size = kept + taken.length
  const rows = kept + marks.length
  const w = new Float64Array(rows * size)
  const fade = power(forget, taken.length)
  for (let i = 0; i < kept; i++) w[i * size + i] = Math.sqrt(fade)
  taken.forEach((j, i) => {
    w[(kept + j) * size + kept + i] = Math.sqrt(power(forget, taken.length - 1 - i))
  })
  return { w, size, added: taken.length, fade }
}

/** Which columns' positions count, with what weights v and V in all, and u: ȳ = pos + X u. */
export interface MeanWeights {
  readonly taken: readonly number[]
  readonly v: Float64Array
  readonly total: number
  readonly u: Float64Array
}

export function meanWeights(marks: readonly Mark[], forget: number): MeanWeights {
  const taken = marks.flatMap((mark, j) => (mark.present && mark.sure ? [j] : []))
  const v = Float64Array.from(taken, (_, i) => power(forget, taken.length - 1 - i))
  const total = v.reduce((sum, weight) => sum + weight, 0)
  const u = Float64Array.from(
    marks,
    (_, i) => v.reduce((sum, weight, k) => sum + (taken[k]! >= i ? weight : 0), 0) / (total || 1)
  )
  return { taken, v, total, u }
}

export function combinePositions(
  kept: number,
  marks: readonly Mark[],
  { taken, v, total, u }: MeanWeights,
  weight: number,
  forget: number
): Combination {
  const n = taken.length
  const size = kept + n + 1
  const fade = power(forget, n)
  const w = new Float64Array((kept + marks.length + 1) * size)
  for (let i = 0; i < kept; i++) w[i * size + i] = Math.sqrt(fade)
  taken.forEach((j, column) => {
    const scale = Math.sqrt(v[column]!)
    for (let i = 0; i < marks.length; i++)
      w[(kept + i) * size + kept + column] = scale * (Number(i <= j) - u[i]!)
  })
  const earlier = fade * weight
  const shift = n === 0 ? 0 : Math.sqrt((earlier * total) / (earlier + total))
  w[(kept + marks.length) * size + size - 1] = shift
  return { w, size, added: n, fade }
}

/** Wᵀ C W for C given by its packed upper triangle, `rows` x `rows`. */
export function congruence(
  packed: Float64Array,
  rows: number,
  { w, size }: Combination
): Float64Array {
  const cw = new Float64Array(rows * size)
  let at = 0
  for (let i = 0; i < rows; i++) {
    for (let j = i; j < rows; j++, at++) {
      const c = packed[at]!
      for (let k = 0; k < size; k++) cw[i * size + k]! += c * w[j * size + k]!
      if (j === i) continue
      for (let k = 0; k < size; k++) cw[j * size + k]! += c * w[i * size + k]!
    }
  }
  return multiplyTransposed(w, cw, rows, size)
}

function multiplyTransposed(
  w: Float64Array,
  cw: Float64Array,
  rows: number,
  size: number
): Float64Array {
  const out = new Float64Array(size * size)
  for (let i = 0; i < rows; i++) {
    for (let a = 0; a < size; a++) {
      const factor = w[i * size + a]!
      if (factor === 0) continue
      for (let b = 0; b < size; b++) out[a * size + b]! += factor * cw[i * size + b]!
    }
  }
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) {
      const mean = (out[a * size + b]! + out[b * size + a]!) / 2
      out[a * size + b] = out[b * size + a] = mean
    }
  }
  return out
}

/** W V for the first `kept` columns of V, by rows of `padded` columns, the rest zero: what the rows are rotated by. */
export function rotation(
  { w, size }: Combination,
  vectors: Float64Array,
  rows: number,
  kept: number,
  padded: number
): Float64Array {
  const r = new Float64Array(rows * padded)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < size; j++) {
      const factor = w[i * size + j]!
      if (factor === 0) continue
      for (let k = 0; k < kept; k++) r[i * padded + k]! += factor * vectors[j * size + k]!
    }
  }
  return r
}

function power(base: number, exponent: number): number {
  let product = 1
  for (let i = 0; i < exponent; i++) product *= base
  return product
}
