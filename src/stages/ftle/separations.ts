import type { Json } from '../../wire/frame.ts'
import type { Series } from './series.ts'

/** Why no stretch is long enough for the first exponent, judged by the latest point. */
export function whyMissing(series: Series, window: number | undefined): string {
  if (!series.hasNorm((norm) => norm >= 0)) return 'no step has a twin whose separation is known'
  const last = series.count - 1
  const { floor, saturation } = series.bounds(last)
  const largest = Math.max(0, ...series.norms(last).filter((norm) => norm > 0))
  if (largest > saturation) return 'separations passed saturation before a window could form'
  if (largest < floor) return 'separations are below the floor of rounding noise'
  return window === undefined
    ? 'too few points between floor and saturation so far'
    : `the last ${window} steps have too few points between floor and saturation`
}

/** The whole series in the norms asked for: one list per twin. */
export function separationsOf(series: Series, norms: readonly ('l2' | 'l1')[]): Json {
  const points = Array.from({ length: series.count }, (_, i) => i)
  const of = (pick: (i: number) => Float64Array): Json =>
    Array.from({ length: series.vectors }, (_, m) => points.map((i) => pick(i)[m]!))
  return {
    steps: points.map((i) => series.step(i)),
    ...(norms.includes('l2') ? { l2: of((i) => series.norms(i)) } : {}),
    ...(norms.includes('l1') ? { l1: of((i) => series.sums(i)) } : {}),
  }
}
