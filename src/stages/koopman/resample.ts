import type { Complex } from '../../linalg/eigenvalues.ts'
import { jacobi } from '../../linalg/jacobi.ts'
import { angle, type Interval, mix } from '../../stage/index.ts'
import type { Fit } from './fitting/fit.ts'
import type { Moments } from './fitting/moments.ts'
import type { Solver } from './fitting/solver.ts'
import { totalEigenvalues } from './fitting/total.ts'

/** Fewest stretches for intervals. */
export const leastStretches = 8

/** Number of resamples on which total least squares is repeated: it takes ten times as long, and less depends on it. */
const totalResamples = 20

/** Scatter of an eigenvalue over resampled stretches of the run. */
export interface Scatter {
  /** 95 % intervals of |μ| and of the angle of μ, 0 to π. */
  readonly modulus: Interval
  readonly angle: Interval
  /** Spread in the plane. */
  readonly error: number
}

export interface Resampled {
  readonly scatter: readonly Scatter[]
  /** The error of each eigenvalue by total least squares; NaN where it could not be found. */
  readonly totalErrors: readonly number[]
}

export const modulusOf = ({ re, im }: Complex): number => Math.sqrt(re * re + im * im)

const angleOf = ({ re, im }: Complex): number => angle(re, Math.abs(im))

/**
 * Block bootstrap (Künsch 1989): as many stretches are drawn with replacement as there are; the map is fitted to them; its eigenvalues are
 * assigned to those of the run; and Student's t is applied to their spread. The result depends only on the data and the seed.
 *
 * @returns undefined if there are too few stretches
 */
export function resample(
  moments: readonly Moments[],
  fit: Fit,
  first: number,
  values: readonly Complex[],
  total: readonly Complex[] | undefined,
  { resamples, seed }: { readonly resamples: number; readonly seed: number },
  solver: Solver
): Resampled | undefined {
  if (moments.length < leastStretches || resamples === 0) return undefined
  const { modes } = fit
  const draws: Complex[][] = []
  const totals: Complex[][] = []
  const drawn = solver.draws(moments, modes, first)
  for (let b = 0; b < resamples; b++) {
    drawn.weights.fill(0)
    for (let s = 0; s < moments.length; s++) {
      const word = mix(seed ^ mix(b * moments.length + s + 1))
      drawn.weights[Math.floor((word / 2 ** 32) * moments.length)]!++
    }
    drawn.fit()
    const found = solver.eigenvalues(drawn.map, modes)
    if (!found) continue
    draws.push(solver.assigned(values, found))
    if (!total || b >= totalResamples) continue
    const again = totalOf(drawn.sums, fit, solver)
    if (again) totals.push(solver.assigned(total, again))
  }
  if (draws.length < resamples / 2) return undefined
  const quantile = studentQuantile(moments.length - 1)
  return {
    scatter: values.map((value, i) => ({
      modulus: intervalOf(modulusOf, value, draws, i, quantile, Infinity),
      angle: intervalOf(angleOf, value, draws, i, quantile, Math.PI),
      error: errorOf(value, draws, i),
    })),
    totalErrors: values.map((_, i) =>
      total && totals.length >= totalResamples / 2 ? errorOf(total[i]!, totals, i) : Number.NaN
    ),
  }
}

/** Total least squares on moments of whitened positions. */
function totalOf(
  sums: Float64Array,
  { modes, lengths }: Fit,
  solver: Solver
): Complex[] | undefined {
  const width = 2 * modes
  const scaled = new Float64Array(width * width)
  for (let i = 0, at = 0; i < width; i++) {
    const length = lengths[i % modes]!
    for (let j = 0; j < width; j++, at++) scaled[at] = sums[at]! * length * lengths[j % modes]!
  }
  const { vectors, converged } = jacobi(scaled, width, solver.sweeps)
  if (!converged) return undefined
  const leading = new Float64Array(width * modes)
  for (let k = 0, at = 0; k < modes; k++) {
    for (let row = 0; row < width; row++, at++) leading[at] = vectors[row * width + k]!
  }
  return totalEigenvalues(leading, modes, solver)
}

function intervalOf(
  sizeOf: (value: Complex) => number,
  value: Complex,
  draws: readonly (readonly Complex[])[],
  i: number,
  quantile: number,
  most: number
): Interval {
  const size = sizeOf(value)
  const half = quantile * spreadOf(draws, (draw) => Math.abs(sizeOf(draw[i]!) - size))
  return [Math.max(0, size - half), Math.min(most, size + half)]
}

/** Factor by which the root mean square of a normal sample falls when its largest twentieth is left out. */
const trimmedSpread = 0.8711

/**
 * Root mean square of the distances from the estimate, so that a bias that the draws show counts too. The largest twentieth is left out: a
 * few draws hold almost nothing of some direction, and get wild eigenvalues for it.
 */
function spreadOf<Draw>(draws: readonly Draw[], distanceOf: (draw: Draw) => number): number {
  const sorted = new Float64Array(draws.length)
  for (let b = 0; b < sorted.length; b++) sorted[b] = distanceOf(draws[b]!)
  sorted.sort()
  const kept = Math.ceil(0.95 * sorted.length)
  let square = 0
  for (let b = 0; b < kept; b++) square += sorted[b]! * sorted[b]!
  return Math.sqrt(square / kept) / trimmedSpread
}

const errorOf = ({ re, im }: Complex, draws: readonly (readonly Complex[])[], i: number): number =>
  spreadOf(draws, (draw) => modulusOf({ re: draw[i]!.re - re, im: draw[i]!.im - im }))

/** The 0.975 quantile of Student's t for 7 degrees of freedom or more, by the expansion of Cornish and Fisher; accurate to 1e-3. */
export function studentQuantile(degrees: number): number {
  const z = 1.959963984540054
  const z3 = z * z * z
  const z5 = z3 * z * z
  const first = (z3 + z) / 4
  const second = (5 * z5 + 16 * z3 + 3 * z) / 96
  const third = (3 * z5 * z * z + 19 * z5 + 17 * z3 - 15 * z) / 384
  return z + (first + (second + third / degrees) / degrees) / degrees
}
