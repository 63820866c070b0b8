import type { Reading } from '../reading.ts'
import { curveOver } from './course.ts'
import { type Motion, motionOf } from './motion.ts'
import { comparePowerLaw, type PowerLaw } from './power-law.ts'
import { type Agreement, agreementsOf } from './size.ts'
import { type Spread, spreadOf } from './spread.ts'

/** Measurements on a reading. */
export interface Measures {
  /** e-foldings of growth over the window; negative if separations shrink. */
  readonly grown: number
  /** Steps of the window. */
  readonly steps: number
  readonly spread: Spread
  readonly powerLaw: PowerLaw
  readonly motion: Motion
  readonly agreements: readonly Agreement[]
}

export function measure(reading: Reading): Measures {
  const { course, twin, growth, stretch } = reading
  const curve = curveOver(course, twin, growth)
  const { times, logs } = curve
  const grown = logs.at(-1)! - logs[0]!
  return {
    grown,
    steps: times.at(-1)! - times[0]!,
    spread: spreadOf(curve),
    powerLaw: comparePowerLaw(curveOver(course, twin, stretch)),
    motion: motionOf(reading, grown, logs.at(-1)! - logs[logs.length >> 1]!),
    agreements: agreementsOf(reading),
  }
}
