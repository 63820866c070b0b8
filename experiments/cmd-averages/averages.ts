/** Weights, averaged over the epochs so far. */
export interface Average {
  readonly weights: Float32Array | undefined
  add(weights: Float32Array): void
}

/** Exponential moving average: each epoch keeps a share of the average before it. */
export const movingAverage = (keep: number): Average =>
  average((count) => (count > 1 ? 1 - keep : 1))

/** The mean of all that was added. */
export const plainMean = (): Average => average((count) => 1 / count)

function average(weightOf: (count: number) => number): Average {
  let sum: Float64Array | undefined
  let count = 0
  return {
    get weights() {
      return sum && Float32Array.from(sum)
    },
    add(weights) {
      const own = weightOf(++count)
      sum ??= new Float64Array(weights.length)
      for (const [i, value] of weights.entries()) sum[i]! += own * (value - sum[i]!)
    },
  }
}
