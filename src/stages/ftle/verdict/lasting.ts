import type { Reading } from '../reading.ts'
import { curveOver } from './course.ts'
import type { Measures } from './measures.ts'
import { foldings, type Said, said } from './names.ts'
import { allowance, evenly, leastEvenness } from './spread.ts'
import { correlationTime, deviation, lastOf, lastThirdOf, median } from './statistics.ts'

/** If the deviation of the increments over their mean is this large, they do not come from one unstable direction of a linear map. */
const unsteady = 0.4

/** Whether even growth lasts: up to saturation, where separations stay, or through the window of a run that continues. */
export function lasting(reading: Reading, measures: Measures): Said {
  const { growth, stretch, course } = reading
  const isOver = growth.to < stretch.to || stretch.passed
  const since = course.times.length - 1 - growth.to
  const isLong = since > Math.max(16, (growth.to - growth.from) / 2)
  const missing = isOver && isLong ? afterGrowth(reading, measures) : goingOn(reading, measures)
  const even = `exponential growth by ${foldings(measures.grown)}, spread over its window`
  if (missing) return said('expanding', `${even}, but ${missing}`)
  return said(
    'chaotic',
    isOver && isLong
      ? `${even} and up to saturation, where separations stay, in a run that goes on`
      : `${even} and going on, in a run that is steady`
  )
}

/**
 * What is missing once growth is over: separations must stay, must not be far smaller than the run's own steps, and must rise and fall many
 * times.
 */
function afterGrowth(
  { course, twin, growth: { from, to } }: Reading,
  { spread, motion }: Measures
): string | undefined {
  const { pace, twins } = course
  const rest = twins[twin]!.subarray(to)
  const third = Math.floor(rest.length / 3)
  const late = rest.subarray(third)
  if (!motion.moves) return 'the run itself comes to rest'
  if (median(lastOf(rest, Math.max(6, third))) < rest[0]! - 2) return 'separations shrink again'
  if (median(late) < median(pace.subarray(from, to + 1)) - 2 * Math.LN10) {
    return 'it ends while separations are far smaller than the steps of the run'
  }
  if (spread.unsteadiness < unsteady && deviation(late) < 0.05) {
    return 'rates and the separations after it are constant, as in no chaotic run'
  }
  if (spread.persistence < leastEvenness) return 'it is uneven over long stretches'
  return correlationTime(late) > 0.09 * late.length
    ? 'separations have not yet been at saturation for long'
    : undefined
}

/** What is missing while growth continues or has only just ended: more of it, more evenly, in a steady run. */
function goingOn(reading: Reading, { grown, spread, motion }: Measures): string | undefined {
  const { course, twin, growth } = reading
  const { logs } = evenly(curveOver(course, twin, growth))
  const third = lastThirdOf(logs)
  const late = (third.at(-1)! - third[0]!) / (third.length - 1)
  if (late < grown / spread.increments / 3) return 'it has slowed down'
  if (!motion.moves || Math.abs(motion.paceGain) > Math.max(0.7, 0.1 * grown)) {
    return 'the run is not steady meanwhile'
  }
  if (spread.unsteadiness < unsteady) {
    return 'at a constant rate, as one unstable direction of a linear map has it, and not yet up to saturation'
  }
  const isEnough =
    grown >= 10 &&
    spread.evenness >= 1.3 * allowance(reading) &&
    spread.persistence >= 0.9 &&
    spread.increments >= 32 * spread.correlation
  return isEnough ? undefined : 'not yet up to saturation, nor for long enough to do without'
}
