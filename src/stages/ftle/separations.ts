import type { Series } from './series.ts'
import type { FtleValues } from './spec.ts'

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

/** The whole series in the requested norms: a line for each twin. */
export function separationsOf(
  series: Series,
  norms: readonly ('l2' | 'l1')[]
): Pick<FtleValues, 'separations' | 'separationSums'> {
  const points = Array.from({ length: series.count }, (_, i) => i)
  const steps = points.map((i) => series.step(i))
  const of = (pick: (i: number) => Float64Array) => ({
    steps,
    values: Array.from({ length: series.vectors }, (_, m) => points.map((i) => pick(i)[m]!)),
  })
  return {
    ...(norms.includes('l2') ? { separations: of((i) => series.norms(i)) } : {}),
    ...(norms.includes('l1') ? { separationSums: of((i) => series.sums(i)) } : {}),
  }
}
