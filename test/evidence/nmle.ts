// What the authors of the "network maximum Lyapunov exponent" make of many starts (Danovski, Soriano and Lacasa 2024).
import type { Nmle } from '../../src/stages/ftle/nmle.ts'

/** Whether they keep an estimate: R² > 0.9 and a slope above 0.05. */
const isKept = (estimate: Nmle | undefined): estimate is Nmle =>
  estimate !== undefined && estimate.rSquared > 0.9 && estimate.slope > 0.05

/** Mean and standard deviation of the slopes kept, over initialisations. */
export function nmleOver(estimates: readonly (Nmle | undefined)[]): {
  readonly mean: number
  readonly deviation: number
  readonly kept: number
  readonly of: number
} {
  const slopes = estimates.filter(isKept).map(({ slope }) => slope)
  const mean = slopes.reduce((sum, slope) => sum + slope, 0) / slopes.length
  const variance = slopes.reduce((sum, slope) => sum + (slope - mean) ** 2, 0) / slopes.length
  return { mean, deviation: Math.sqrt(variance), kept: slopes.length, of: estimates.length }
}
