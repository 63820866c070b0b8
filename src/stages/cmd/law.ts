import { exp } from '../../stage/index.ts'

/** Shares below this are none. */
const least = 1e-6

/** Places of t in the integral, evenly spaced by their logarithms; more change no digit that the iteration keeps. */
const places = Float64Array.from({ length: 56 }, (_, n) => exp(n - 14))

/** Most turns of the iteration, and the error of a mean square that ends it. */
const [turns, close] = [100, 1e-4]

/** A normal vector's variances along its axes, and what belongs to its squared length beside; together 1. */
export interface Axes {
  readonly variances: number[]
  readonly rest: number
}

/**
 * The normal vector z that, divided by its length (zᵀz + rest)^½, has given mean squares along its axes; what these lack of 1 is
 * that of the rest. Each variance is corrected by the ratio of what is asked to what it gives until these agree.
 */
export function axesOf(squares: readonly number[]): Axes {
  const asked = squares.filter((square) => square > least)
  const left = 1 - asked.reduce((sum, square) => sum + square, 0)
  const lacking = left > least ? left : 0
  let axes: Axes = { variances: asked, rest: lacking }
  for (let turn = 0; turn < turns; turn++) {
    const { variances, rest } = meanSquares(axes)
    if (variances.every((square, k) => Math.abs(square - asked[k]!) < close)) break
    const next = axes.variances.map((variance, k) => (variance * asked[k]!) / variances[k]!)
    const more = lacking > 0 ? (axes.rest * lacking) / rest : 0
    const sum = next.reduce((total, variance) => total + variance, more)
    axes = { variances: next.map((variance) => variance / sum), rest: more / sum }
  }
  return axes
}

/**
 * E z_k² / (zᵀz + rest), and the same of the rest, by
 *
 *     E z_k² / S = ∫ E z_k² e^(-t S) dt = ∫ v_k / (1 + 2 t v_k) Π_j (1 + 2 t v_j)^(-½) e^(-t rest) dt
 *
 * over t > 0 (Magnus 1986), by the trapezoidal rule in log t.
 */
export function meanSquares({ variances, rest }: Axes): Axes {
  const sums = variances.map(() => 0)
  let other = 0
  for (const t of places) {
    if (t * rest > 600) break
    let product = 1
    for (const variance of variances) product *= 1 + 2 * t * variance
    const weight = (t * exp(-t * rest)) / Math.sqrt(product)
    for (let k = 0; k < sums.length; k++) {
      sums[k]! += (weight * variances[k]!) / (1 + 2 * t * variances[k]!)
    }
    other += weight * rest
  }
  return { variances: sums, rest: other }
}
