import { leastIncrements } from './interval.ts'
import { mostOf, type Series, type Span } from './series.ts'
import { contracts } from './verdict/contraction.ts'
import { type Course, courseOf, curveOver, segmentsOf } from './verdict/course.ts'
import { leastPoints } from './verdict/names.ts'
import { growthEnd, growthStart } from './window.ts'

/** A stretch of a twin between floor and saturation. */
export interface Stretch extends Span {
  /** Whether it ends because the twin passed saturation. */
  readonly passed: boolean
}

/** The part of a run that is read; spans are of points of the course. */
export interface Reading {
  readonly course: Course
  /** The point of the series at which the course begins. */
  readonly first: number
  readonly twin: number
  readonly stretch: Stretch
  /** The part of the stretch before growth collapses; or the part after it, if the twin shrinks for as long. */
  readonly part: Span
  /** That part without an initial lag and transient in which nothing grew. */
  readonly growth: Span
}

const lengthOf = ({ from, to }: Span): number => to - from

/** Most e-foldings of growth that may be skipped before a window begins. */
const mostDropped = 1

/** A twin is read instead of an earlier one if it stays within bounds for this much longer. */
const isMuchLonger = (a: Span, b: Span): boolean => lengthOf(a) > 1.1 * lengthOf(b) + 8

/**
 * Chooses by rule what is read of a series: among all segments and twins, the longest stretch between floor and saturation, with a
 * preference for the first twin; within it, the part of steady change. If a `window` is given, the last so many steps as they are.
 *
 * @param byExtent whether the series is of tangents
 * @returns undefined if no stretch has `leastIncrements`
 */
export function readingOf(series: Series, window?: number, byExtent = false): Reading | undefined {
  const last = series.count - 1
  const spans =
    window === undefined
      ? segmentsOf(series)
      : last < 0
        ? []
        : [{ from: series.recent(window), to: last }]
  const readings = spans.flatMap((segment) => {
    const course = courseOf(series, segment, byExtent)
    let best: { twin: number; stretch: Stretch } | undefined
    course.twins.forEach((_, twin) => {
      const stretch = window === undefined ? stretchOf(course, twin) : tailOf(course, twin)
      if (!stretch || lengthOf(stretch) < leastIncrements) return
      if (!best || isMuchLonger(stretch, best.stretch)) best = { twin, stretch }
    })
    return best ? [{ course, first: segment.from, ...best }] : []
  })
  const chosen = mostOf(readings, ({ stretch }) => lengthOf(stretch))
  if (!chosen) return undefined
  const { course, twin, stretch } = chosen
  if (window !== undefined) return { ...chosen, part: stretch, growth: stretch }
  const part = partOf(course, twin, stretch)
  return { ...chosen, part, growth: growthIn(course, twin, part) }
}

/** The points of a series that are read, and therefore must keep their resolution. */
export function neededOf(series: Series): Span | undefined {
  const reading = readingOf(series)
  if (!reading) return undefined
  const { first, stretch, part } = reading
  return { from: first + stretch.from, to: first + part.to }
}

function partOf(course: Course, twin: number, { from, to }: Span): Span {
  const end = from + growthEnd(curveOver(course, twin, { from, to }))
  const since = { from: end, to }
  const shrinks = to - end >= end - from && contracts(curveOver(course, twin, since))
  return shrinks ? since : { from, to: end }
}

function growthIn(course: Course, twin: number, { from, to }: Span): Span {
  const start = from + growthStart(curveOver(course, twin, { from, to }), mostDropped)
  return { from: to - start < leastPoints ? from : start, to }
}

/**
 * The longest stretch of a twin between floor and saturation. Nothing counts once the twin has passed saturation.
 *
 * @param margin distance that the stretch keeps from both, in e-foldings
 */
export function stretchOf(course: Course, twin: number, margin = 0): Stretch | undefined {
  const { floor, saturation, twins } = course
  const logs = twins[twin]!
  const found: Stretch[] = []
  let from = -1
  const close = (to: number, passed: boolean): void => {
    if (from >= 0) found.push({ from, to, passed })
    from = -1
  }
  for (let i = 0; i < logs.length; i++) {
    const value = logs[i]!
    if (value > saturation[i]! - margin) {
      close(i - 1, true)
      break
    }
    if (!(value >= floor[i]! + margin && value > -Infinity)) close(i - 1, false)
    else if (from < 0) from = i
  }
  close(logs.length - 1, false)
  return mostOf(found, lengthOf)
}

/** The part of a span that lies in that stretch. */
export function boundedIn(
  course: Course,
  twin: number,
  { from, to }: Span,
  margin = 0
): Span | undefined {
  const stretch = stretchOf(course, twin, margin)
  return stretch && { from: Math.max(from, stretch.from), to: Math.min(to, stretch.to) }
}

/** The stretch of a twin within bounds that reaches to the last point. */
function tailOf({ floor, saturation, twins }: Course, twin: number): Stretch | undefined {
  const logs = twins[twin]!
  let from = logs.length
  const isInside = (i: number): boolean =>
    logs[i]! >= floor[i]! && logs[i]! > -Infinity && logs[i]! <= saturation[i]!
  while (from > 0 && isInside(from - 1)) from--
  return from < logs.length ? { from, to: logs.length - 1, passed: false } : undefined
}
