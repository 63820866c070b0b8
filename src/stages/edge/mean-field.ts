import { exp } from '../../stage/index.ts'
import { type Activation, activate, slopeOf } from './activation.ts'

/** Beyond this, a standard normal variable has less than 1e-18 of its probability. */
const reach = 9

/** Refinements end when relative changes are below this. */
const close = 1e-10

/** Grids of the integrals: most halvings of the step. */
const mostHalvings = 8

/** Plain iterations lead near the stable fixed point; then Newton iterations find it. */
const plainTurns = 40
const newtonTurns = 40

/** No boundary is looked for beyond this J. */
const farthest = 100

/** A mean field of the map x <- φ(W x): mean u and mean square q of its activity, and χ = J² ⟨φ'²⟩, which is 1 at the edge. */
export interface MeanField {
  readonly mean: number
  readonly square: number
  readonly chi: number
}

/**
 * The J at which the mean field of W is at the edge of chaos. The entries of W have variance J² / N and mean J₀ / N, with J₀ / J given as
 * `ratio`. Below a ratio of 1 the activity near zero decides, and the edge is at J φ'(0) = 1 (for ReLU J² / 2 = 1); above it the map has a
 * nonzero mean. NaN if it is not known: below -1, for ReLU from 1 on, and beyond J = 100.
 */
export function edgeOf(activation: Activation, ratio: number): number {
  if (!(ratio > -1)) return Number.NaN
  if (activation === 'linear') return 1
  if (activation === 'relu') return ratio < 1 ? Math.SQRT2 : Number.NaN
  const still = 1 / slopeOf[activation](0)
  if (ratio <= 1) return still
  const chiAt = (j: number): number => meanField(activation, j, ratio * j).chi
  // Where the nonzero mean appears, χ is below 1; from the edge on it is above.
  let [low, high] = [still, 1.5 * still]
  while (chiAt(high) < 1) {
    low = high
    high *= 1.5
    if (high > farthest) return Number.NaN
  }
  while (high - low > 1e-9 * high) {
    const middle = (low + high) / 2
    const chi = chiAt(middle)
    if (Number.isNaN(chi)) return Number.NaN
    if (chi < 1) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * The mean field, with integrals by the trapezoidal rule, which converges exponentially for such functions: the step is halved until no
 * value changes by more than 1e-10 of itself. NaN if it does not converge.
 */
export function meanField(activation: Activation, j: number, j0: number): MeanField {
  let before: MeanField | undefined
  for (let halving = 0; halving < mostHalvings; halving++) {
    const field = fieldOn(gridOf(0.25 / 2 ** halving), activation, j, j0, before)
    if (before && isClose(before, field)) return field
    before = field
  }
  return { mean: Number.NaN, square: Number.NaN, chi: Number.NaN }
}

function isClose(a: MeanField, b: MeanField): boolean {
  return (['mean', 'square', 'chi'] as const).every(
    (name) => Math.abs(a[name] - b[name]) <= close * Math.max(1, Math.abs(b[name]))
  )
}

interface Grid {
  readonly z: Float64Array
  readonly weights: Float64Array
}

function gridOf(step: number): Grid {
  const count = 2 * Math.floor(reach / step) + 1
  const z = Float64Array.from({ length: count }, (_, i) => (i - (count - 1) / 2) * step)
  const weights = z.map((value) => exp(-value * value * 0.5))
  const total = weights.reduce((sum, value) => sum + value, 0)
  return { z, weights: weights.map((value) => value / total) }
}

/** The fixed point that activity of order one converges to, on a grid. */
function fieldOn(
  grid: Grid,
  activation: Activation,
  j: number,
  j0: number,
  start: MeanField | undefined
): MeanField {
  let [u, q] = [start?.mean ?? 0.5, start?.square ?? 0.5]
  if (!start)
    for (let turn = 0; turn < plainTurns; turn++) [u, q] = averages(grid, activation, j, j0, u, q)
  for (let turn = 0; turn < newtonTurns; turn++) {
    const [uNext, qNext, , uu, uq, qu, qq] = averages(grid, activation, j, j0, u, q)
    // (I - A) (du, dq) = what one iteration of the map adds, with A its derivative.
    const determinant = (1 - uu) * (1 - qq) - uq * qu
    const [a, b] = [uNext - u, qNext - q]
    const du = ((1 - qq) * a + uq * b) / determinant
    const dq = (qu * a + (1 - uu) * b) / determinant
    u += du
    q = Math.max(q + dq, q / 4)
    if (Math.abs(du) + Math.abs(dq) < 1e-15 + 1e-14 * q) break
  }
  const [, , slopes] = averages(grid, activation, j, j0, u, q)
  return { mean: u, square: q, chi: j * j * slopes }
}

/** ⟨φ⟩, ⟨φ²⟩, ⟨φ'²⟩ over J₀ u + J √q z, and the derivatives of the first two with respect to u and q. */
function averages(
  { z, weights }: Grid,
  activation: Activation,
  j: number,
  j0: number,
  u: number,
  q: number
): [number, number, number, number, number, number, number] {
  const [phi, slope] = [activate[activation], slopeOf[activation]]
  const width = j * Math.sqrt(q)
  const perSquare = width / (2 * q)
  let [mean, square, slopes, uu, uq, qu, qq] = [0, 0, 0, 0, 0, 0, 0]
  for (let i = 0; i < z.length; i++) {
    const h = j0 * u + width * z[i]!
    const [w, y, s] = [weights[i]!, phi(h), slope(h)]
    mean += w * y
    square += w * y * y
    slopes += w * s * s
    uu += w * s * j0
    uq += w * s * z[i]! * perSquare
    qu += w * 2 * y * s * j0
    qq += w * 2 * y * s * z[i]! * perSquare
  }
  return [mean, square, slopes, uu, uq, qu, qq]
}
