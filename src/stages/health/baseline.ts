/** A ring of the last values of a quantity, in a header. They define what is usual, to which the next value is compared. */
export interface Ring {
  readonly values: Float64Array
  /** Number of values that have come in all. */
  readonly seen: number
}

/** The middle of the ring and its scatter: the median, and 1.4826 times the median absolute deviation from it. */
export interface Baseline {
  readonly count: number
  readonly median: number
  readonly scatter: number
}

/** For normal values 1.4826 times the median absolute deviation is the standard deviation (Rousseeuw and Croux 1993). */
const toDeviation = 1.4826

export function baselineOf({ values, seen }: Ring): Baseline {
  const count = Math.min(seen, values.length)
  const all = values.slice(0, count)
  const median = medianOf(all)
  const deviations = all.map((value) => Math.abs(value - median))
  return { count, median, scatter: toDeviation * medianOf(deviations) }
}

/** The last `count` values, oldest first. */
export function lastOf({ values, seen }: Ring, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => values[(seen - count + i) % values.length]!)
}

export function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort()
  const { length } = sorted
  if (length === 0) return Number.NaN
  const half = length >> 1
  return length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
