import type { Curve } from '../fits.ts'
import { leastFoldings, leastPoints } from './names.ts'
import { spreadOf } from './spread.ts'
import { changeOf, lastThirdOf, riseOf } from './statistics.ts'

/**
 * Whether a curve shrinks: by at least three e-foldings; not in a few drops; far more evenly than a walk without drift, or almost
 * monotonously; and at the end still at three eighths of its mean rate or more.
 */
export function contracts(curve: Curve): boolean {
  const { logs } = curve
  if (logs.length <= leastPoints) return false
  const change = changeOf(logs)
  const late = lastThirdOf(logs)
  const isLasting = late.at(-1)! < late[0]! && changeOf(late) < Math.min(-0.3, change / 8)
  if (!(change < -leastFoldings && isLasting)) return false
  const { parts, evenness, persistence, increments, correlation } = spreadOf(curve)
  const isMonotonous = evenness <= -1.15 && riseOf(logs) < -0.1 * change
  const isEven = evenness <= -1.6 && persistence <= -1.2 && increments >= 24 * correlation
  return parts <= -2.5 && (isMonotonous || isEven)
}
