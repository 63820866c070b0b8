// The "network maximum Lyapunov exponent" as Danovski, Soriano and Lacasa estimate it (Front. Complex Syst. 2, 1367957,
// 2024): the slope of the straightest window of the log mean separation. For comparison with the published figure.
import { fitLine } from '../../src/stages/ftle/fits.ts'

/** The estimate for one initialisation. */
export interface Nmle {
  /** Slope of ln d per step in the chosen window. */
  readonly slope: number
  readonly r2: number
  /** First and last index of the window. */
  readonly window: readonly [from: number, to: number]
  /** Whether the paper keeps it: R² > 0.9 and a slope above 0.05. */
  readonly kept: boolean
}

/**
 * Averages d over the perturbations of one initialisation, fits ln d by a line on every window [s, s + l] with
 * s = 0, 5, ... 100 and l = 30, 35, ... 100 that lies within the series, and takes the one of the best R².
 *
 * @param separations one series of d at successive steps for each perturbation, all of one length
 * @returns undefined where no window has positive finite separations throughout
 */
export function nmle(separations: readonly ArrayLike<number>[]): Nmle | undefined {
  const length = separations[0]?.length ?? 0
  const logs = Float64Array.from({ length }, (_, t) =>
    Math.log(separations.reduce((sum, series) => sum + series[t]!, 0) / separations.length)
  )
  const times = Float64Array.from(logs, (_, t) => t)
  let best: Nmle | undefined
  for (let s = 0; s <= 100; s += 5) {
    for (let l = 30; l <= 100 && s + l < length; l += 5) {
      const y = logs.subarray(s, s + l + 1)
      if (!y.every(Number.isFinite)) continue
      const { slope, residual } = fitLine(times.subarray(s, s + l + 1), y)
      const mean = y.reduce((sum, value) => sum + value, 0) / y.length
      const r2 = 1 - residual / y.reduce((sum, value) => sum + (value - mean) ** 2, 0)
      if (r2 > (best?.r2 ?? -Infinity)) {
        best = { slope, r2, window: [s, s + l], kept: r2 > 0.9 && slope > 0.05 }
      }
    }
  }
  return best
}

/** Mean and standard deviation of the slopes kept, over initialisations. */
export function nmleOver(estimates: readonly (Nmle | undefined)[]): {
  readonly mean: number
  readonly deviation: number
  readonly kept: number
  readonly of: number
} {
  const slopes = estimates.flatMap((estimate) => (estimate?.kept ? [estimate.slope] : []))
  const mean = slopes.reduce((sum, slope) => sum + slope, 0) / slopes.length
  const variance = slopes.reduce((sum, slope) => sum + (slope - mean) ** 2, 0) / slopes.length
  return { mean, deviation: Math.sqrt(variance), kept: slopes.length, of: estimates.length }
}
