import { mix } from '../kernels/mix.ts'

const unit = 2 ** -52

/** Most shifts for one eigenvalue before the computation is given up. Two are usual. */
const mostShifts = 60

/**
 * Eigenvalues, largest first, of the symmetric matrix with diagonal d and off-diagonal e (e[i] between d[i - 1] and d[i]), by
 * implicit QL (Dubrulle 1970). The error of each is a few units in the last place of the largest. NaN if it does not converge.
 */
export function tridiagonalEigenvalues(d: Float64Array, e: Float64Array): Float64Array {
  const n = d.length
  const values = d.slice()
  const beside = new Float64Array(n)
  beside.set(e.subarray(1))
  for (let l = 0, shifts = 0; l < n; ) {
    const m = decoupled(values, beside, l)
    if (m === l) {
      l++
      shifts = 0
    } else if (shifts++ === mostShifts) return values.fill(Number.NaN)
    else shiftedStep(values, beside, l, m)
  }
  return values.sort().reverse()
}

/** Last row of the part that begins at row l. The off-diagonal entry after it is negligible. */
function decoupled(d: Float64Array, e: Float64Array, l: number): number {
  let m = l
  for (; m < d.length - 1; m++) {
    const scale = Math.abs(d[m]!) + Math.abs(d[m + 1]!)
    if (Math.abs(e[m]!) <= unit * scale) break
  }
  return m
}

/** One implicit QL step on rows l .. m, with Wilkinson's shift. */
function shiftedStep(d: Float64Array, e: Float64Array, l: number, m: number): void {
  const half = (d[l + 1]! - d[l]!) / (2 * e[l]!)
  const root = Math.sqrt(half * half + 1)
  let g = d[m]! - d[l]! + e[l]! / (half + (half < 0 ? -root : root))
  let [s, c, p] = [1, 1, 0]
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i]!
    const b = c * e[i]!
    const r = Math.sqrt(f * f + g * g)
    e[i + 1] = r
    if (r === 0) {
      d[i + 1]! -= p
      e[m] = 0
      return
    }
    s = f / r
    c = g / r
    g = d[i + 1]! - p
    const t = (d[i]! - g) * s + 2 * c * b
    p = s * t
    d[i + 1] = g + p
    g = c * t - b
  }
  d[l]! -= p
  e[l] = g
  e[m] = 0
}

/**
 * Orthonormal eigenvectors for the given eigenvalues, which must be adjacent and largest first. The method is inverse iteration, in
 * which each vector is kept orthogonal to those before it.
 */
export function tridiagonalVectors(
  d: Float64Array,
  e: Float64Array,
  values: ArrayLike<number>
): Float64Array[] {
  const n = d.length
  const norm = d.reduce((most, value, i) => {
    const sum = Math.abs(value) + Math.abs(e[i]!) + Math.abs(e[i + 1] ?? 0)
    return Math.max(most, sum)
  }, 0)
  const vectors: Float64Array[] = []
  let before = Infinity
  for (let k = 0; k < values.length; k++) {
    // Equal eigenvalues would give the same vector again, so they are separated.
    const value = Math.min(values[k]!, before - 8 * unit * norm)
    before = value
    const solve = factored(d, e, value, unit * norm || unit)
    const x = Float64Array.from({ length: n }, (_, i) => mix(i * 64 + k + 1) * 2 ** -32 + 0.5)
    for (let turn = 0; turn < 3; turn++) {
      orthonormalise(x, vectors)
      solve(x)
    }
    orthonormalise(x, vectors)
    vectors.push(x)
  }
  return vectors
}

/** Solves (T - value) y = x in place, by elimination with pivoting. A zero pivot becomes `tiny`. */
function factored(
  d: Float64Array,
  e: Float64Array,
  value: number,
  tiny: number
): (x: Float64Array) => void {
  const n = d.length
  const [diagonal, above, beyond, factors] = [0, 1, 2, 3].map(() => new Float64Array(n)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const swapped = new Uint8Array(n)
  diagonal[0] = d[0]! - value
  above[0] = e[1] ?? 0
  for (let i = 0; i < n - 1; i++) {
    const below = e[i + 1]!
    const own = d[i + 1]! - value
    const next = e[i + 2] ?? 0
    if (Math.abs(below) > Math.abs(diagonal[i]!)) {
      swapped[i] = 1
      const factor = diagonal[i]! / below
      factors[i] = factor
      diagonal[i + 1] = above[i]! - factor * own
      above[i + 1] = -factor * next
      diagonal[i] = below
      above[i] = own
      beyond[i] = next
    } else {
      const factor = diagonal[i] === 0 ? 0 : below / diagonal[i]!
      factors[i] = factor
      diagonal[i + 1] = own - factor * above[i]!
      above[i + 1] = next
    }
  }
  for (let i = 0; i < n; i++) if (Math.abs(diagonal[i]!) < tiny) diagonal[i] = tiny
  return (x) => {
    for (let i = 0; i < n - 1; i++) {
      if (swapped[i]) [x[i], x[i + 1]] = [x[i + 1]!, x[i]! - factors[i]! * x[i + 1]!]
      else x[i + 1]! -= factors[i]! * x[i]!
    }
    for (let i = n - 1; i >= 0; i--) {
      const rest = above[i]! * (x[i + 1] ?? 0) + beyond[i]! * (x[i + 2] ?? 0)
      x[i] = (x[i]! - rest) / diagonal[i]!
    }
  }
}

/** Makes x orthogonal to the vectors, in two passes, and normalises it. */
function orthonormalise(x: Float64Array, vectors: readonly Float64Array[]): void {
  for (let turn = 0; turn < 2; turn++) {
    normalise(x)
    for (const v of vectors) {
      const c = v.reduce((sum, value, i) => sum + value * x[i]!, 0)
      for (let i = 0; i < x.length; i++) x[i]! -= c * v[i]!
    }
  }
  normalise(x)
}

function normalise(x: Float64Array): void {
  const largest = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const scale = largest || 1
  let sum = 0
  for (const value of x) sum += (value / scale) * (value / scale)
  const norm = scale * Math.sqrt(sum)
  for (let i = 0; i < x.length; i++) x[i]! /= norm || 1
}
