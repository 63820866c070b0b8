import { scatterOf } from '../scatter.ts'

/** Student's t of 15 degrees of freedom that is exceeded once in 740 times, as often as a normal variable exceeds three σ. */
const student = 3.59

/**
 * The possible error of all walks together, as a share. Their rows are put into few classes, and their memory is that of sampled
 * rows. For steps that share nothing, the walks' share is up to 0.005 too low or 0.021 too high (`test/evidence/nulls.ts`).
 */
const doubt = 0.01

/** A share's null, estimated from walks. */
export interface Comparison {
  /** Mean of the walks, and their standard deviation. */
  readonly mean: number
  readonly scatter: number
  /** How much the share must exceed the mean to lie above its null. It allows for chance and for the walks' own error. */
  readonly threshold: number
}

/** @param walks a share's values in `walkCount` walks; NaN for a walk that has none */
export function comparisonOf(walks: readonly number[]): Comparison {
  const n = walks.length
  const { mean, squares } = scatterOf(walks)
  const square = squares / (n - 1)
  const chance = student * student * square * (1 + 1 / n)
  return { mean, scatter: Math.sqrt(square), threshold: Math.sqrt(chance + doubt * doubt) }
}
