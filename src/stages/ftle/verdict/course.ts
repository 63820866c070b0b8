import { log } from '../../../stage/index.ts'
import type { Curve } from '../fits.ts'
import type { Series, Span } from '../series.ts'

/** One segment of a run, point by point: how far its twins are from member 0, and how member 0 moves meanwhile. */
export interface Course {
  /** Steps since the segment began. */
  readonly times: Float64Array
  /** ln d of each twin, or the logarithm of each tangent vector. */
  readonly twins: readonly Float64Array[]
  /** ln of the share of each twin's separation that is orthogonal to those before it. */
  readonly across: readonly Float64Array[]
  /** ln ‖w‖ of member 0; -Infinity if it is not known or zero. */
  readonly size: Float64Array
  /** ln of the length of member 0's step. */
  readonly pace: Float64Array
  /** ln of how far this step goes along each twin's separation. */
  readonly along: readonly Float64Array[]
  /** ln of floor and saturation. */
  readonly floor: Float64Array
  readonly saturation: Float64Array
}

/**
 * The points [from, to] of a series, which must belong to one segment.
 *
 * @param byExtent whether the vectors are tangents, whose logarithms add up over their renormalisations
 */
export function courseOf(series: Series, { from, to }: Span, byExtent: boolean): Course {
  const of = (value: (point: number) => number): Float64Array => {
    const values = new Float64Array(to - from + 1)
    for (let i = 0; i < values.length; i++) values[i] = value(from + i)
    return values
  }
  const perTwin = (value: (point: number, twin: number) => number): Float64Array[] =>
    Array.from({ length: series.vectors }, (_, m) => of((point) => value(point, m)))
  const norms = perTwin((i, m) => log(series.norm(i, m)))
  return {
    times: of((i) => series.elapsed(i)),
    twins: byExtent ? perTwin((i, m) => series.extent(i, m)) : norms,
    across: perTwin((i, m) => series.extent(i, m) - norms[m]![i - from]!),
    size: of((i) => log(series.scale(i))),
    pace: of((i) => log(series.moved(i))),
    along: perTwin((i, m) => log(series.along(i, m))),
    floor: of((i) => log(series.bounds(i).floor)),
    saturation: of((i) => log(series.bounds(i).saturation)),
  }
}

/** The segments of a series. */
export function segmentsOf(series: Series): Span[] {
  const found: Span[] = []
  for (let from = 0, i = 1; i <= series.count; i++) {
    if (i < series.count && series.segment(i) === series.segment(from)) continue
    found.push({ from, to: i - 1 })
    from = i
  }
  return found
}

/** The curve of a twin over a span of its course. */
export function curveOver({ times, twins }: Course, twin: number, { from, to }: Span): Curve {
  const logs = twins[twin]!
  return { times: times.subarray(from, to + 1), logs: logs.subarray(from, to + 1) }
}
