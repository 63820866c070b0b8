import { mean } from './verdict/statistics.ts'
/** Logarithms of a quantity along a stretch of a series. */
export interface Curve {
  /** Steps since the stretch's segment began; positive. */
  readonly times: Float64Array
  readonly logs: Float64Array
}

/** A curve's points from index `from` on. */
export function after(from: number, { times, logs }: Curve): Curve {
  return { times: times.subarray(from), logs: logs.subarray(from) }
}

export interface Line {
  readonly slope: number
  /** Sum of squared residuals. */
  readonly residual: number
}

/** Least-squares line of y on x. */
export function fitLine(x: Float64Array, y: Float64Array): Line {
  const n = x.length
  const meanX = mean(x)
  const meanY = mean(y)
  let xx = 0
  let xy = 0
  for (let i = 0; i < n; i++) {
    xx += (x[i]! - meanX) * (x[i]! - meanX)
    xy += (x[i]! - meanX) * (y[i]! - meanY)
  }
  const slope = xx > 0 ? xy / xx : 0
  let residual = 0
  for (let i = 0; i < n; i++) {
    const r = y[i]! - meanY - slope * (x[i]! - meanX)
    residual += r * r
  }
  return { slope, residual }
}

/** Running sums of a curve, shifted by its first point: with them a broken line at any knee is fitted in O(1). */
function runningSums({ times, logs }: Curve): Float64Array[] {
  const n = times.length
  const sums = Array.from({ length: 4 }, () => new Float64Array(n + 1))
  for (let i = 0; i < n; i++) {
    const t = times[i]! - times[0]!
    const y = logs[i]! - logs[0]!
    sums[0]![i + 1] = sums[0]![i]! + t
    sums[1]![i + 1] = sums[1]![i]! + t * t
    sums[2]![i + 1] = sums[2]![i]! + y
    sums[3]![i + 1] = sums[3]![i]! + t * y
  }
  return sums
}

/**
 * Fits the best broken line y = a + λ min(t, τ), with τ at one of the curve's inner points: growth that stops at a knee.
 *
 * @returns the knee's index, λ, and the slope of a separate line through the points after the knee; undefined for fewer than 2 `least` + 1
 * points
 */
export function fitKnee(
  curve: Curve,
  least: number
): { knee: number; slope: number; rest: number } | undefined {
  const { times } = curve
  const n = times.length
  const [t, tt, y, ty] = runningSums(curve)
  let best: { knee: number; slope: number } | undefined
  let explained = -Infinity
  for (let knee = least; knee < n - least; knee++) {
    const tau = times[knee]! - times[0]!
    const count = n - 1 - knee
    const x = t![knee + 1]! + count * tau
    const xx = tt![knee + 1]! + count * tau * tau - (x * x) / n
    const xy = ty![knee + 1]! + tau * (y![n]! - y![knee + 1]!) - (x * y![n]!) / n
    if (xx > 0 && (xy * xy) / xx > explained) {
      explained = (xy * xy) / xx
      best = { knee, slope: xy / xx }
    }
  }
  if (!best) return undefined
  const rest = after(best.knee, curve)
  return { ...best, rest: fitLine(rest.times, rest.logs).slope }
}
