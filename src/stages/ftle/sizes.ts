import { log } from '../../stage/index.ts'
import { curveOf, type Exponent } from './exponents.ts'
import { meanRate, type Rate } from './interval.ts'
import type { Series } from './series.ts'

/** Twins whose sizes differ by less are of one size. */
const leastRatio = 3

/**
 * Growth rate of each twin's own distance over the window of the first exponent; undefined where it is not known
 * throughout.
 */
export function ratesOf(series: Series, first: Exponent): (Rate | undefined)[] {
  return Array.from({ length: series.vectors }, (_, m) => {
    const curve = curveOf(series, first.span, (i) => log(series.norms(i)[m]!))
    return curve.logs.every(Number.isFinite) ? meanRate(curve) : undefined
  })
}

/**
 * What twins of different sizes say of each other: where a small perturbation grows faster or slower than one at least
 * three times as large, by their intervals or by more than an e-folding over the window, growth depends on size, which no
 * exponent does; noise that grows diffusively, kinks, rounding, and the onset of saturation do.
 */
export function sizeNote(
  series: Series,
  first: Exponent,
  rates: readonly (Rate | undefined)[]
): string | undefined {
  const { from, to } = first.span
  const sizes = series.norms(from)
  const steps = series.elapsed(to) - series.elapsed(from)
  for (const [i, a] of rates.entries()) {
    for (const [j, b] of rates.entries()) {
      if (!a || !b || !(sizes[j]! >= leastRatio * sizes[i]!)) continue
      const overlaps = a.interval[0] <= b.interval[1] && b.interval[0] <= a.interval[1]
      if (overlaps && Math.abs(a.value - b.value) * steps <= 1) continue
      return `twins of different size part at different rates (${a.value.toPrecision(3)} from ${sizes[i]!.toExponential(1)}, ${b.value.toPrecision(3)} from ${sizes[j]!.toExponential(1)}), so what is finite does not grow as what is infinitesimal`
    }
  }
  return undefined
}
