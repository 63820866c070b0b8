/** A number, or null if it is not known. JSON has no NaN. */
export type Known = number | null

/** The least and the greatest value of a line in each bucket. */
export interface Line {
  readonly low: Known[]
  readonly high: Known[]
}

/**
 * Lines over the same steps, with limited resolution. When the buckets are full, neighbours are merged, and from then on each
 * bucket holds twice as many points. Each keeps its least and greatest value, so no spike is lost.
 */
export interface Series {
  /** Maximum number of buckets. */
  readonly most: number
  /** Number of points in a full bucket, and in the last one. */
  every: number
  filled: number
  /** Last step of each bucket. */
  readonly steps: number[]
  readonly lines: { [key: string]: Line }
}

/** @param most maximum number of buckets, which is even */
export function newSeries(most: number): Series {
  return { most, every: 1, filled: 0, steps: [], lines: {} }
}

/** Adds a point to every line. A line that is not among `values` has no value at this step. */
export function addPoint(series: Series, step: number, values: Iterable<[string, Known]>): void {
  if (series.steps.length === 0 || series.filled === series.every) {
    if (series.steps.length === series.most) halve(series)
    if (series.filled === series.every || series.steps.length === 0) open(series)
  }
  const at = series.steps.length - 1
  series.steps[at] = step
  series.filled++
  for (const [key, value] of values) {
    const line = lineOf(series, key)
    line.low[at] = lesser(line.low[at]!, value)
    line.high[at] = greater(line.high[at]!, value)
  }
}

function open(series: Series): void {
  series.steps.push(0)
  series.filled = 0
  for (const { low, high } of Object.values(series.lines)) {
    low.push(null)
    high.push(null)
  }
}

function lineOf({ lines, steps }: Series, key: string): Line {
  lines[key] ??= { low: steps.map(() => null), high: steps.map(() => null) }
  return lines[key]
}

function halve(series: Series): void {
  const { steps } = series
  const length = steps.length / 2
  for (let i = 0; i < length; i++) steps[i] = steps[2 * i + 1]!
  steps.length = length
  for (const { low, high } of Object.values(series.lines)) {
    for (let i = 0; i < length; i++) {
      low[i] = lesser(low[2 * i]!, low[2 * i + 1]!)
      high[i] = greater(high[2 * i]!, high[2 * i + 1]!)
    }
    low.length = high.length = length
  }
  series.every *= 2
  series.filled = series.every
}

function lesser(a: Known, b: Known): Known {
  return a === null ? b : b === null ? a : Math.min(a, b)
}

function greater(a: Known, b: Known): Known {
  return a === null ? b : b === null ? a : Math.max(a, b)
}
