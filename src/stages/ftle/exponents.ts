import { after, type Curve } from './fits.ts'
import { leastIncrements, meanRate, type Rate } from './interval.ts'
import type { Series, Span } from './series.ts'
import { type Bounds, growthEnd, growthStart, stretches } from './window.ts'

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
  readonly collapsed: boolean
}

/**
 * Finite-time exponents of a series: of each rank, the mean growth rate of its extent between floor and saturation.
 *
 * Without a `window`, of all stretches the one with the most e-foldings is taken, up to the knee where growth collapses
 * and without the lag or transient at its beginning. With one, the last `window` steps as they are.
 *
 * @returns one entry per twin, undefined where no stretch is long enough
 */
export function exponentsOf(
  series: Series,
  ranks: number,
  boundsAt: (i: number) => Bounds,
  window: number | undefined
): (Exponent | undefined)[] {
  const cut = (span: Span, rank: number): Curve => curveOf(series, span, rank)
  const whole = stretches(series, 0, boundsAt)
  const growths =
    window === undefined
      ? whole.map((span) => untilKnee(span, cut(span, 0)))
      : lastSteps(series, whole, window)
  return Array.from({ length: ranks }, (_, rank) => {
    const spans = rank === 0 ? growths : within(stretches(series, rank, boundsAt), growths)
    const exponents = spans.map((span) => exponentOf(span, cut(span, rank), window === undefined))
    return exponents.reduce<Exponent | undefined>(
      (best, next) => (best && best.efoldings > next.efoldings ? best : next),
      undefined
    )
  })
}

/** The points that exponents are read from, transients included: what must keep its resolution. */
export function spanOf(
  series: Series,
  ranks: number,
  boundsAt: (i: number) => Bounds
): Span | undefined {
  let all: Span | undefined
  for (const exponent of exponentsOf(series, ranks, boundsAt, undefined)) {
    if (!exponent) continue
    const { to } = exponent.span
    const from = to - exponent.curve.logs.length + 1
    all = { from: Math.min(from, all?.from ?? from), to: Math.max(to, all?.to ?? to) }
  }
  return all
}

function exponentOf(span: Stretch, curve: Curve, trims: boolean): Exponent {
  const start = trims ? growthStart(curve) : 0
  return {
    ...meanRate(after(start, curve)),
    span: { from: span.from + start, to: span.to },
    curve,
    efoldings: Math.abs(curve.logs.at(-1)! - curve.logs[start]!),
    collapsed: span.collapsed,
  }
}

/** The logarithms of one rank over a span. */
export function curveOf(series: Series, { from, to }: Span, rank: number): Curve {
  const times = new Float64Array(to - from + 1)
  const logs = new Float64Array(to - from + 1)
  for (let i = from; i <= to; i++) {
    times[i - from] = series.elapsed(i)
    logs[i - from] = series.logs(i)[rank]!
  }
  return { times, logs }
}

function untilKnee(span: Span, curve: Curve): Stretch {
  const to = span.from + growthEnd(curve)
  return { from: span.from, to, collapsed: to < span.to }
}

/** The part of the stretch that reaches to the end of the series within its last steps. */
export function lastSteps(series: Series, spans: readonly Span[], window: number): Stretch[] {
  const to = series.count - 1
  const span = spans.at(-1)
  if (span?.to !== to) return []
  const from = Math.max(span.from, series.recent(window))
  return to - from >= leastIncrements ? [{ from, to, collapsed: false }] : []
}

/** The parts of spans that lie in others. */
function within(spans: readonly Span[], others: readonly Stretch[]): Stretch[] {
  return spans
    .flatMap((span) =>
      others.map((other) => ({
        from: Math.max(span.from, other.from),
        to: Math.min(span.to, other.to),
        collapsed: other.collapsed,
      }))
    )
    .filter(({ from, to }) => to - from >= leastIncrements)
}
