/** Student's t of 15 degrees of freedom that one in 740 exceeds, as often as a normal variable three standard deviations. */
const student = 3.59

/** What a figure's walks say of it. */
export interface Comparison {
  /** Mean of the walks, and their standard deviation. */
  readonly mean: number
  readonly scatter: number
  /** What the figure must exceed the mean by to lie above its null. */
  readonly threshold: number
}

/** @param walks a figure's values in `walkCount` walks; NaN where they have none */
export function comparisonOf(walks: readonly number[]): Comparison {
  const n = walks.length
  const mean = walks.reduce((sum, value) => sum + value, 0) / n
  const square = walks.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)
  const scatter = Math.sqrt(square)
  return { mean, scatter, threshold: student * scatter * Math.sqrt(1 + 1 / n) }
}
