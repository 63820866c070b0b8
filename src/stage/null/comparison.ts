import { scatterOf } from '../scatter.ts'

/** Student's t of 15 degrees of freedom that one in 740 exceeds, as often as a normal variable three standard deviations. */
const student = 3.59

/**
 * How far walks as a whole may be off, as a share: their rows are put into few classes, and their memory is that of sampled
 * rows. Of steps that share nothing they hold up to 0.005 too little, or 0.021 too much (`test/evidence/nulls.ts`).
 */
const doubt = 0.01

/** What a share's walks say of it. */
export interface Comparison {
  /** Mean of the walks, and their standard deviation. */
  readonly mean: number
  readonly scatter: number
  /** What the share must exceed the mean by to lie above its null: by chance, and by what the walks may be off. */
  readonly threshold: number
}

/** @param walks a share's values in `walkCount` walks; NaN where they have none */
export function comparisonOf(walks: readonly number[]): Comparison {
  const n = walks.length
  const { mean, squares } = scatterOf(walks)
  const square = squares / (n - 1)
  const chance = student * student * square * (1 + 1 / n)
  return { mean, scatter: Math.sqrt(square), threshold: Math.sqrt(chance + doubt * doubt) }
}
