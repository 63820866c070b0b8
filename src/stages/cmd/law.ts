import { exp } from '../../stage/index.ts'

/** Smaller shares count as zero. */
const least = 1e-6

/** Values of t in the integral, evenly spaced in log t. More of them would change no digit that the iteration keeps. */
const places = Float64Array.from({ length: 56 }, (_, n) => exp(n - 14))

/** Limit of the iterations, and the error of a mean square at which they end. */
const [turns, close] = [100, 1e-4]

/** Variances of a normal vector along its axes, and the rest of its squared length; together 1. */
export interface Axes {
  readonly variances: number[]
  readonly rest: number
}

/**
 * Finds the normal vector z that, divided by its length (zᵀz + rest)^½, has given mean squares along its axes; the mean square of the rest
 * is what these lack of 1. Each iteration corrects every variance by the ratio of the wanted mean square to the present one, until the two
 * agree.
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
 * E z_k² / (zᵀz + rest), and the same for the rest, by
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
