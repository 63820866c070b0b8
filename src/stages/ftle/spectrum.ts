import { curveOf, type Exponent, lastSteps } from './exponents.ts'
import { after } from './fits.ts'
import { leastIncrements, meanRate } from './interval.ts'
import type { Series, Span } from './series.ts'
import { stretches, transientOf } from './window.ts'

/**
 * Exponents of tangent vectors: mean growth rates over one window for all of them, so that the rates of the first j add up
 * to that of the volume they span. Of all segments the longest counts, from where the slowest transient has passed; with
 * a `window`, its last steps as they are. Tangents know no floor and no saturation.
 *
 * @returns one entry per vector, undefined where it never came, or depends on those before it throughout
 */
export function spectrumOf(
  series: Series,
  ranks: number,
  window: number | undefined
): (Exponent | undefined)[] {
  const unbounded = () => ({ floor: 0, saturation: Infinity })
  const spans = Array.from({ length: ranks }, (_, rank) => {
    const all = stretches(series, rank, unbounded)
    return window === undefined ? longest(all) : lastSteps(series, all, window)[0]
  })
  const starts = spans.map((span, rank) =>
    span && window === undefined
      ? span.from + transientOf(curveOf(series, span, rank))
      : (span?.from ?? 0)
  )
  const [first] = spans
  const begin = starts.reduce((a, b) => Math.max(a, b), 0)
  return spans.map((span, rank) => {
    // A vector that is lost on the way has a stretch of its own.
    const shares = first !== undefined && span?.from === first.from && span.to === first.to
    const from = shares ? begin : starts[rank]!
    if (!span || span.to - from < leastIncrements) return undefined
    const curve = curveOf(series, span, rank)
    const own = after(from - span.from, curve)
    return {
      ...meanRate(own),
      span: { from, to: span.to },
      curve,
      efoldings: Math.abs(own.logs.at(-1)! - own.logs[0]!),
      collapsed: false,
    }
  })
}

function longest(spans: readonly Span[]): Span | undefined {
  return spans.reduce<Span | undefined>(
    (best, next) => (best && best.to - best.from > next.to - next.from ? best : next),
    undefined
  )
}
