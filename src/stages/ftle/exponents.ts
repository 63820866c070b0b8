import { after, type Curve } from './fits.ts'
import { leastIncrements, meanRate, type Rate } from './interval.ts'
import type { Reading } from './reading.ts'
import { mostOf, type Series, type Span } from './series.ts'
import { curveOver } from './verdict/course.ts'
import { growthStart, stretches } from './window.ts'

export interface Exponent extends Rate {
  /** The points of the series between which the exponent holds. */
  readonly span: Span
  /** |growth| of the logarithm over the span. */
  readonly efoldings: number
}

/**
 * Finite-time exponents of twins. The first is the mean growth rate over the reading of the run. Each further one is the growth rate of the
 * extent that its twin adds to those before it, over the longest part of the same window in which this extent is resolved.
 *
 * @returns one entry per twin, undefined if no stretch is long enough
 */
export function exponentsOf(series: Series, reading: Reading | undefined, window?: number) {
  return Array.from({ length: series.vectors }, (_, rank): Exponent | undefined => {
    if (!reading) return undefined
    const { course, first, twin, part } = reading
    const whole = { from: first + part.from, to: first + part.to }
    if (rank === 0) return steady(whole, curveOver(course, twin, part))
    const parts = stretches(series, rank).map(({ from, to }) => ({
      from: Math.max(from, whole.from),
      to: Math.min(to, whole.to),
    }))
    const longest = mostOf(parts, ({ from, to }) => to - from)
    if (!longest || longest.to - longest.from < leastIncrements) return undefined
    return steady(longest, extentOf(series, longest, rank))
  })

  function steady(span: Span, curve: Curve): Exponent {
    return exponentOf(span, curve, window === undefined ? growthStart(curve) : 0)
  }
}

/** The exponent of a curve over a span, starting at point `start` of the curve. */
export function exponentOf(span: Span, curve: Curve, start = 0): Exponent {
  const own = after(start, curve)
  return {
    ...meanRate(own),
    span: { from: span.from + start, to: span.to },
    efoldings: Math.abs(own.logs.at(-1)! - own.logs[0]!),
  }
}

/** The logarithm of the extent of one rank over a span. */
export function extentOf(series: Series, span: Span, rank: number): Curve {
  return curveOf(series, span, (i) => series.logs(i)[rank]!)
}

/** A logarithm over the points of a span. */
export function curveOf(
  series: Series,
  { from, to }: Span,
  logAt: (point: number) => number
): Curve {
  const points = { length: to - from + 1 }
  return {
    times: Float64Array.from(points, (_, i) => series.elapsed(from + i)),
    logs: Float64Array.from(points, (_, i) => logAt(from + i)),
  }
}
