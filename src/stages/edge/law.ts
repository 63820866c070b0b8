import { type Interval, scatterOf } from '../../stage/index.ts'

/** Number of stretches into which a line is cut. The scatter of their slopes gives the error of the line's slope. */
export const stretches = 8

/** Student's t with seven degrees of freedom: 95 % lie within. */
const within95 = 2.365

/** Student's t with six degrees of freedom: a slope of the slopes exceeds this by chance once in a hundred times. */
const bends = 3.707

/** Least relative change of the slope, from the first to the last stretch, for a line to count as bent. */
const leastBend = 0.2

/** A straight line through points that grow. */
export interface Line {
  /** Slope from the first point to the last. */
  readonly slope: number
  /** 95 % interval, as if the slopes of the stretches were independent. */
  readonly interval: Interval
  /** Whether the slopes of the stretches rise or fall from the first to the last one. */
  readonly isBent: boolean
}

/** The line through points. Undefined for fewer points than stretches plus one, and if x stands still in a stretch. */
export function lineThrough(x: ArrayLike<number>, y: ArrayLike<number>): Line | undefined {
  const last = x.length - 1
  if (last < stretches) return undefined
  const ends = Array.from({ length: stretches + 1 }, (_, k) => Math.floor((k * last) / stretches))
  const slopes = ends.slice(1).map((to, k) => {
    const from = ends[k]!
    return (y[to]! - y[from]!) / (x[to]! - x[from]!)
  })
  if (!slopes.every(Number.isFinite)) return undefined
  const { mean, squares } = scatterOf(slopes)
  const slope = (y[last]! - y[0]!) / (x[last]! - x[0]!)
  const half = within95 * Math.sqrt(squares / (stretches - 1) / stretches)
  return { slope, interval: [slope - half, slope + half], isBent: isBent(slopes, mean, squares) }
}

/** Whether slopes change along the line by more than they scatter about this change. */
function isBent(slopes: readonly number[], mean: number, squares: number): boolean {
  const centre = (stretches - 1) / 2
  let [product, spread] = [0, 0]
  slopes.forEach((value, k) => {
    product += (k - centre) * (value - mean)
    spread += (k - centre) ** 2
  })
  const change = product / spread
  const rest = Math.max(0, squares - change * product)
  const error = Math.sqrt(rest / (stretches - 2) / spread)
  return (
    Math.abs(change) > bends * error &&
    Math.abs(change) * (stretches - 1) > leastBend * Math.abs(mean)
  )
}
