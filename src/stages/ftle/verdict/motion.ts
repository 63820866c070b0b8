import { log } from '../../../stage/index.ts'
import { meanRate } from '../interval.ts'
import type { Reading } from '../reading.ts'
import type { Measures } from './measures.ts'
import { foldings, type Said, said } from './names.ts'
import { changeOf, lastOf, median } from './statistics.ts'

/** How member 0 itself moves while its twins separate from it. Growth that it shares is not sensitivity to perturbations. */
export interface Motion {
  /** e-foldings by which its steps grew over the window. */
  readonly paceGain: number
  /** e-foldings by which its motion along the separation grew over the second half of the window. */
  readonly alongGain: number
  /** Median of ln |cos| between its steps and the separation. */
  readonly alignment: number
  /** Whether its weights or its steps grow at the same time. */
  readonly follows: boolean
  /** Whether its steps, if only these grow, are still short compared with its weights. */
  readonly isShort: boolean
  /** Whether its weights or its steps have shrunk again since. */
  readonly returns: boolean
  /** Whether neither keeps growing as before. */
  readonly slows: boolean
  /** Whether the separation grows in a direction in which the run itself leaves a point, or while the run does not move at all. */
  readonly leaves: boolean
  /** Whether its last steps are at least a tenth as long as those in the window. */
  readonly moves: boolean
}

/** A run is running away if its ‖w‖ has grown by this factor since the window began. */
const away = Math.LN10
/** Steps below this share of ‖w‖ are short. A run that leaves a saddle begins with short steps, and so does one that runs away. */
const short = 0.05
/**
 * The separation lies across the run's motion if |cos| is below e to the first power, and has no part along it if below e to the second.
 */
const [across, none] = [-3, -14]

/** @param grown e-foldings over the window, and over its second half */
export function motionOf(
  { course, twin, growth: { from, to } }: Reading,
  grown: number,
  grownLate: number
): Motion {
  const { size, pace, along, times } = course
  const own = pace.subarray(from, to + 1)
  const shared = along[twin]!.subarray(from, to + 1)
  const half = shared.length >> 1
  const paceGain = changeOf(own)
  const alongGain = changeOf(shared.subarray(half))
  const alignment = median(shared) - median(own)
  const window = times.subarray(from, to + 1)
  const rises = (logs: Float64Array, first = 0): boolean =>
    meanRate({ times: window.subarray(first), logs: logs.subarray(first) }).interval[0] > 0
  const first = median(size.subarray(from, from + Math.max(4, (to - from) >> 2)))
  const last = median(lastOf(size, Math.max(1, size.length >> 3)))
  const isLarge = last > first + away
  const speedsUp = paceGain > grown / 2 && rises(own)
  const latest = median(lastOf(pace, Math.max(4, pace.length >> 3)))
  const isLed = alongGain >= 3 && alongGain > grownLate / 2
  return {
    paceGain,
    alongGain,
    alignment,
    follows: isLarge || speedsUp,
    isShort: !isLarge && latest - last < log(short),
    // Steps are short for a moment where a run turns, so they must shrink by more.
    returns: fallOf(size) > 1 || fallOf(pace) > 2,
    slows: ![size, pace].some((logs) => growsOn(logs.subarray(from))),
    leaves: !(alignment > none) || (isLed && (alignment < across || rises(shared, half))),
    moves: median(lastOf(pace, Math.max(8, pace.length >> 2))) >= median(own) - Math.LN10,
  }
}

/** Whether a curve has risen by an e-folding, and in its last eighth still rises at a third of that rate or more. */
function growsOn(logs: Float64Array): boolean {
  const gain = changeOf(logs)
  return gain > 1 && changeOf(lastOf(logs, Math.max(8, logs.length >> 3))) > gain / 24
}

/** How far the last eighth of a course lies below its highest eighth, by medians; 0 if the last one is the highest. */
function fallOf(logs: Float64Array): number {
  const length = Math.max(1, logs.length >> 3)
  const last = median(lastOf(logs, length))
  let highest = last
  for (let end = logs.length - length; end >= length; end -= length) {
    highest = Math.max(highest, median(logs.subarray(end - length, end)))
  }
  return highest > last ? highest - last : 0
}

/** Growth that member 0 shares. */
export function sharedGrowth({ grown, motion }: Measures): Said | undefined {
  const { follows, isShort, returns, slows, leaves, paceGain, alongGain } = motion
  const growth = `growth by ${foldings(grown)}`
  if (follows && (returns || slows)) {
    const since = returns ? 'from which it comes back' : 'which slows down'
    return said('expanding', `${growth} that the run itself shared, and ${since}`)
  }
  if (follows && isShort) {
    const why = `${growth} that the run itself shares, in steps that are still short beside its weights`
    return said('expanding', why)
  }
  if (follows) {
    const why = `${growth}, while the run itself runs away: its weights have grown tenfold, or its steps by ${foldings(paceGain)}`
    return said('diverging', why)
  }
  if (!leaves) return undefined
  const direction =
    alongGain > 0
      ? `leaves an unstable point itself, by ${foldings(alongGain)}`
      : 'does not move itself'
  return said('expanding', `${growth} in a direction in which the run ${direction}`)
}
