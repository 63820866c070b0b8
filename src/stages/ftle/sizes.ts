import { exp } from '../../stage/index.ts'
import type { Exponent } from './exponents.ts'
import { leastIncrements, meanRate, type Rate } from './interval.ts'
import { boundedIn, type Reading } from './reading.ts'
import type { Span } from './series.ts'
import { curveOver } from './verdict/course.ts'
import { leastFoldings } from './verdict/names.ts'

/** Twins whose sizes differ by less than this factor count as equal in size. */
const leastRatio = 3
/** Distance that compared twins keep from floor and saturation, in e-foldings: the larger one slows down before saturation. */
const margin = 1

/** Growth rate of each twin's own distance, over the part of the first exponent's window that it spends between floor and saturation. */
export function ratesOf(reading: Reading, first: Exponent): (Rate | undefined)[] {
  return reading.course.twins.map((_, twin) => {
    const span = commonSpan(reading, first, [twin], 0)
    return span && meanRate(curveOver(reading.course, twin, span))
  })
}

/**
 * Compares twins of different sizes while both are between floor and saturation. If a small perturbation grows faster or slower than one at
 * least three times as large (by three e-foldings, or by one and beyond their intervals), growth may depend on the size, as it does with
 * noise, kinks and rounding. Twins that began in other directions differ as well.
 */
export function sizeNote(reading: Reading, first: Exponent): string | undefined {
  const { course } = reading
  const pairs = course.twins.flatMap((small, i) =>
    course.twins.map((large, j) => ({ small, i, large, j }))
  )
  for (const { small, i, large, j } of pairs) {
    const span = commonSpan(reading, first, [i, j], margin)
    if (!span) continue
    const { from, to } = span
    if (exp(large[from]! - small[from]!) < leastRatio) continue
    const [a, b] = [i, j].map((twin) => meanRate(curveOver(course, twin, span))) as [Rate, Rate]
    const overlaps = a.interval[0] <= b.interval[1] && b.interval[0] <= a.interval[1]
    const apart = Math.abs(a.value - b.value) * (course.times[to]! - course.times[from]!)
    if (apart <= (overlaps ? leastFoldings : 1)) continue
    return `twins of different size part at different rates (${told(a, small[from]!)}, ${told(b, large[from]!)}), because of their size or of the directions in which they began`
  }
  return undefined
}

const told = ({ value }: Rate, size: number): string =>
  `${value.toPrecision(3)} from ${exp(size).toExponential(1)}`

/** The part of the first exponent's window that all of these twins spend within bounds, if it is long enough for a rate. */
function commonSpan(
  { course, first: start }: Reading,
  { span }: Exponent,
  twins: readonly number[],
  margin: number
): Span | undefined {
  const whole = { from: span.from - start, to: span.to - start }
  const common = twins.reduce<Span | undefined>(
    (left, twin) => left && boundedIn(course, twin, left, margin),
    whole
  )
  return common && common.to - common.from >= leastIncrements ? common : undefined
}
