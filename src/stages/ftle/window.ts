import { log } from '../../stage/index.ts'
import { after, type Curve, fitKnee } from './fits.ts'
import { leastIncrements } from './interval.ts'
import type { Series, Span } from './series.ts'
import { leastFoldings } from './verdict/names.ts'
import { riseOf } from './verdict/statistics.ts'

/**
 * The stretches of a series on which the exponent of this rank (counted from 0) can be read: within a segment, with all lengths up to that
 * rank above the floor, and none after one of these separations has passed saturation. A first length that sinks below the floor may rise
 * again; a later one, once lost, returns only as rounding and curvature of the others.
 */
export function stretches(series: Series, rank: number): Span[] {
  const found: Span[] = []
  let from = -1
  let segment = 0
  let isOver = false
  const close = (to: number): void => {
    if (from >= 0 && to - from >= leastIncrements) found.push({ from, to })
    if (from >= 0 && rank > 0) isOver = true
    from = -1
  }
  for (let i = 0; i < series.count; i++) {
    if (series.segment(i) !== segment) {
      close(i - 1)
      segment = series.segment(i)
      isOver = false
    }
    const { floor, saturation } = series.bounds(i)
    isOver ||= series.norms(i).some((norm, m) => m <= rank && norm > saturation)
    const least = log(floor)
    const isInside =
      !isOver &&
      series.logs(i).every((length, k) => k > rank || (length >= least && length > -Infinity))
    if (!isInside) close(i - 1)
    else if (from < 0) from = i
  }
  close(series.count - 1)
  return found
}

/**
 * Index of the point at which a curve stops growing. This is the knee of the best broken line, if the growth before it is at least
 * `leastFoldings`, if the line would have continued by as many, and if what follows rises less than a fifth as steeply. Else it is the last
 * point.
 */
export function growthEnd(curve: Curve): number {
  const last = curve.times.length - 1
  const fit = fitKnee(curve, leastIncrements)
  if (!fit) return last
  const grown = fit.slope * (curve.times[fit.knee]! - curve.times[0]!)
  const missed = fit.slope * (curve.times[last]! - curve.times[fit.knee]!)
  const isKnee = grown >= leastFoldings && missed >= leastFoldings && fit.rest < 0.2 * fit.slope
  return isKnee ? fit.knee : last
}

/**
 * Index of the point at which a curve's steady course begins: after a lag before growth, and after a transient.
 *
 * @param most e-foldings of growth that may be dropped with them: an initial jump is a transient for an exponent, but not for a verdict
 */
export function growthStart(curve: Curve, most = Infinity): number {
  const turned = {
    times: curve.times.map((t) => -t).reverse(),
    logs: curve.logs.map((value) => -value).reverse(),
  }
  const drops = (start: number): boolean => riseOf(curve.logs.subarray(0, start + 1)) <= most
  const end = curve.times.length - 1 - growthEnd(turned)
  const lag = drops(end) ? end : 0
  const start = lag + transientOf(after(lag, curve))
  return drops(start) ? start : lag
}

/**
 * Length of the transient at a curve's beginning, in points: the cut within the first third that minimises the standard error of the mean
 * increment (MSER; White 1997). The cut is made only if it halves that error, so that chance does not choose the stretch, and if it leaves
 * at least half of the growth; else the length is 0.
 */
export function transientOf({ times, logs }: Curve): number {
  const n = times.length - 1
  let mean = 0
  let squares = 0
  let error = Infinity
  let best = { cut: 0, error }
  for (let i = n - 1; i >= 0; i--) {
    const count = n - i
    const rate = (logs[i + 1]! - logs[i]!) / (times[i + 1]! - times[i]!)
    const deviation = rate - mean
    mean += deviation / count
    squares += deviation * (rate - mean)
    error = squares / (count * count)
    if (i <= n / 3 && count >= leastIncrements && error < best.error) best = { cut: i, error }
  }
  const whole = Math.abs(logs[n]! - logs[0]!)
  const left = Math.abs(logs[n]! - logs[best.cut]!)
  return best.error < error / 4 && left >= whole / 2 ? best.cut : 0
}
