import { meanRate } from '../interval.ts'
import type { Reading } from '../reading.ts'
import type { Measures } from './measures.ts'
import { foldings, type Said, said } from './names.ts'
import { changeOf, lastOf, median } from './statistics.ts'

/** What member 0 itself does while its twins part from it: growth that it shares is no sensitivity to perturbation. */
export interface Motion {
  /** e-foldings by which its steps grew over the window. */
  readonly paceGain: number
  /** e-foldings by which its motion along the separation grew over the second half of the window. */
  readonly alongGain: number
  /** Median of ln |cos| between its steps and the separation. */
  readonly alignment: number
  /** Whether it runs away. */
  readonly diverges: boolean
  /** Whether the separation grows in a direction in which it leaves a point itself, or does not move at all. */
  readonly leaves: boolean
  /** Whether its last steps are no shorter than a tenth of those in the window. */
  readonly moves: boolean
}

/** A run whose ‖w‖ grew by this factor since the window began runs away. */
const away = Math.LN10
/** The separation lies across the run's motion where |cos| is below e to this power, and has nothing of it below the second. */
const [across, none] = [-3, -14]

/** @param grown e-foldings of the window, and of its second half */
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
  const speedsUp = paceGain > grown / 2 && rises(own)
  const follows = alongGain >= 3 && alongGain > grownLate / 2
  return {
    paceGain,
    alongGain,
    alignment,
    diverges: last > first + away || speedsUp,
    leaves: !(alignment > none) || (follows && (alignment < across || rises(shared, half))),
    moves: median(lastOf(pace, Math.max(8, pace.length >> 2))) >= median(own) - Math.LN10,
  }
}

/** Growth that member 0 shares. */
export function sharedGrowth({ grown, motion }: Measures): Said | undefined {
  const { diverges, leaves, paceGain, alongGain } = motion
  const growth = `growth by ${foldings(grown)}`
  if (diverges) {
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
