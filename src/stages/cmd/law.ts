import { exp } from '../../stage/index.ts'

/** Shares below this are none. */
const least = 1e-6

/** Steps of log t in the integral, and the turns of the iteration. */
const [step, turns] = [0.5, 60]

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
  for (let u = -20; u <= 40; u += step) {
    const t = exp(u)
    const product = variances.reduce((p, variance) => p * (1 + 2 * t * variance), 1)
    const weight = (step * t * exp(-Math.min(700, t * rest))) / Math.sqrt(product)
    variances.forEach((variance, k) => {
      sums[k]! += (weight * variance) / (1 + 2 * t * variance)
    })
    other += weight * rest
  }
  return { variances: sums, rest: other }
}
