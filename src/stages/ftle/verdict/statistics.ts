/** The middle value; for an even number, the mean of the two in the middle. */
export function median(values: Float64Array): number {
  const sorted = values.slice().sort()
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

/** Standard deviation; 0 for fewer than two values. */
export function deviation(values: Float64Array): number {
  if (values.length < 2) return 0
  const centre = mean(values)
  let squares = 0
  for (const value of values) squares += (value - centre) * (value - centre)
  return Math.sqrt(squares / (values.length - 1))
}

/** Differences between successive values. */
export function increments(values: Float64Array): Float64Array {
  const length = Math.max(0, values.length - 1)
  return Float64Array.from({ length }, (_, i) => values[i + 1]! - values[i]!)
}

/** Change from beginning to end, by the medians of the first and the last quarter, which outliers do not move. */
export function changeOf(values: Float64Array): number {
  const quarter = Math.max(1, values.length >> 2)
  const [first, last] = [values.subarray(0, quarter), values.subarray(values.length - quarter)]
  return ((median(last) - median(first)) * 4) / 3
}

/** The largest rise of a value above the least one before it. */
export function riseOf(values: Float64Array): number {
  let least = Infinity
  let rise = 0
  for (const value of values) {
    least = Math.min(least, value)
    rise = Math.max(rise, value - least)
  }
  return rise
}

/** The last `count` values, or all if there are fewer. */
export const lastOf = (values: Float64Array, count: number): Float64Array =>
  values.subarray(Math.max(0, values.length - count))

/** The last third of the values. */
export const lastThirdOf = (values: Float64Array): Float64Array =>
  values.subarray(Math.floor((2 * values.length) / 3))

/**
 * Integrated autocorrelation time, in values: summed until a pair of lags is not positive (Geyer 1992), and limited to between 1 and an
 * eighth of the values.
 */
export function correlationTime(values: Float64Array): number {
  const n = values.length
  const most = n >> 3
  if (most < 2) return 1
  const centre = mean(values)
  const d = values.map((value) => value - centre)
  const product = (lag: number): number => {
    let sum = 0
    for (let i = lag; i < n; i++) sum += d[i]! * d[i - lag]!
    return sum
  }
  const variance = product(0)
  // Values that are all alike except for rounding have no correlation.
  if (variance < 1e-8 * n * centre * centre) return 1
  let time = 1
  for (let lag = 1; lag < most; lag += 2) {
    const pair = (product(lag) + product(lag + 1)) / variance
    if (!(pair > 0)) break
    time += 2 * pair
  }
  return Math.max(1, Math.min(Math.floor(time + 0.5), most))
}
