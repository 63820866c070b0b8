import { type Exponent, exponentOf, extentOf } from './exponents.ts'
import { leastIncrements } from './interval.ts'
import { mostOf, type Series, type Span } from './series.ts'
import { stretches, transientOf } from './window.ts'

/**
 * Exponents of tangent vectors: mean growth rates, over the same window for all, so that the rates of the first j add up to the rate of the
 * volume that they span. The window is the longest segment, after the slowest transient has passed; or, with a `window`, its last steps as
 * they are. Tangents have no floor and no saturation.
 *
 * @returns one entry per vector, undefined if it never came, or if it depends on those before it throughout
 */
export function spectrumOf(series: Series, window?: number): (Exponent | undefined)[] {
  const spans = Array.from({ length: series.vectors }, (_, rank) => {
    const all = stretches(series, rank)
    return window === undefined
      ? mostOf(all, ({ from, to }) => to - from)
      : lastSteps(series, all, window)[0]
  })
  const starts = spans.map((span, rank) =>
    span && window === undefined
      ? span.from + transientOf(extentOf(series, span, rank))
      : (span?.from ?? 0)
  )
  const [first] = spans
  const begin = starts.reduce((a, b) => Math.max(a, b), 0)
  return spans.map((span, rank) => {
    // A vector that is lost on the way has its own stretch.
    const shares = first !== undefined && span?.from === first.from && span.to === first.to
    const from = shares ? begin : starts[rank]!
    if (!span || span.to - from < leastIncrements) return undefined
    return exponentOf(span, extentOf(series, span, rank), from - span.from)
  })
}

/** The part, within the last steps, of the stretch that reaches to the end of the series. */
function lastSteps(series: Series, spans: readonly Span[], window: number): Span[] {
  const to = series.count - 1
  const span = spans.at(-1)
  if (span?.to !== to) return []
  const from = Math.max(span.from, series.recent(window))
  return to - from >= leastIncrements ? [{ from, to }] : []
}
