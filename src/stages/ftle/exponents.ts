import { after, type Curve } from './fits.ts'
import { leastIncrements, meanRate, type Rate } from './interval.ts'
import type { Series, Span } from './series.ts'
import { growthEnd, growthStart, stretches } from './window.ts'

export interface Exponent extends Rate {
  /** The points between which it holds. */
  readonly span: Span
  /** The curve over these points, with the lag and the transient before them. */
  readonly curve: Curve
  /** |growth| of the logarithm over the span. */
  readonly efoldings: number
  /** True where the curve stopped growing before the series ended. */
  readonly collapsed: boolean
}

interface Stretch extends Span {
  readonly collapsed?: boolean
}

/**
 * Finite-time exponents of a series: of each rank, the mean growth rate of its extent between floor and saturation.
 *
 * Without a `window`, of all stretches the one with the most e-foldings is taken, up to the knee where growth collapses
 * and without the lag or transient at its beginning. With one, the last `window` steps as they are.
 *
 * @returns one entry per twin, undefined where no stretch is long enough
 */
export function exponentsOf(series: Series, window?: number): (Exponent | undefined)[] {
  const whole = stretches(series, 0)
  const growths: readonly Stretch[] =
    window === undefined
      ? whole.map((span) => untilKnee(span, extentOf(series, span, 0)))
      : lastSteps(series, whole, window)
  return Array.from({ length: series.vectors }, (_, rank) => {
    const spans = rank === 0 ? growths : within(stretches(series, rank), growths)
    const exponents = spans.map((span) => {
      const curve = extentOf(series, span, rank)
      return exponentOf(span, curve, window === undefined ? growthStart(curve) : 0)
    })
    return mostOf(exponents, ({ efoldings }) => efoldings)
  })
}

/** The points that exponents are read from, transients included: what must keep its resolution. */
export function spanOf(series: Series): Span | undefined {
  let all: Span | undefined
  for (const exponent of exponentsOf(series)) {
    if (!exponent) continue
    const { to } = exponent.span
    const from = to - exponent.curve.logs.length + 1
    all = { from: Math.min(from, all?.from ?? from), to: Math.max(to, all?.to ?? to) }
  }
  return all
}

/** The exponent of a curve over a span, from its point `start` on. */
export function exponentOf(span: Stretch, curve: Curve, start: number): Exponent {
  const { times, logs } = after(start, curve)
  return {
    ...meanRate({ times, logs }),
    span: { from: span.from + start, to: span.to },
    curve,
    efoldings: Math.abs(logs.at(-1)! - logs[0]!),
    collapsed: span.collapsed ?? false,
  }
}

/** The logarithms of one rank over a span. */
export function extentOf(series: Series, span: Span, rank: number): Curve {
  return curveOf(series, span, (i) => series.logs(i)[rank]!)
}

/** A logarithm over a span of points. */
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

/** The last of the items of which there is most. */
export function mostOf<Item>(items: readonly Item[], measure: (item: Item) => number) {
  return items.reduce<Item | undefined>(
    (best, next) => (best && measure(best) > measure(next) ? best : next),
    undefined
  )
}

function untilKnee(span: Span, curve: Curve): Stretch {
  const to = span.from + growthEnd(curve)
  return { from: span.from, to, collapsed: to < span.to }
}

/** The part of the stretch that reaches to the end of the series within its last steps. */
export function lastSteps(series: Series, spans: readonly Span[], window: number): Span[] {
  const to = series.count - 1
  const span = spans.at(-1)
  if (span?.to !== to) return []
  const from = Math.max(span.from, series.recent(window))
  return to - from >= leastIncrements ? [{ from, to }] : []
}

/** The parts of spans that lie in others. */
function within(spans: readonly Span[], others: readonly Stretch[]): Stretch[] {
  return spans
    .flatMap((span) =>
      others.map((other) => ({
        ...other,
        from: Math.max(span.from, other.from),
        to: Math.min(span.to, other.to),
      }))
    )
    .filter(({ from, to }) => to - from >= leastIncrements)
}
