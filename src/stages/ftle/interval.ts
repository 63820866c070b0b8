import type { Interval } from '../../stage/index.ts'
import type { Curve } from './fits.ts'

/** Fewest increments between points for an interval. */
export const leastIncrements = 8

/** Mean growth rate of a curve per step, with its 95 % interval. */
export interface Rate {
  readonly value: number
  readonly interval: readonly [low: number, high: number]
}

/** A rate from its value and half the width of its interval. */
export const rateOf = (value: number, half: number): Rate => ({
  value,
  interval: [value - half, value + half],
})

export const valuesOf = (rates: readonly (Rate | undefined)[]): number[] =>
  rates.map((rate) => rate?.value ?? Number.NaN)

export const intervalsOf = (rates: readonly (Rate | undefined)[]): (Interval | null)[] =>
  rates.map((rate) => (rate && !Number.isNaN(rate.interval[0]) ? rate.interval : null))

/** `exponent 2, 3:`, the rates that pass a test, by number; undefined if none does. */
export function named<R extends Rate | undefined>(
  rates: readonly R[],
  test: (rate: R, i: number) => boolean
): string | undefined {
  const numbers = rates.flatMap((rate, i) => (test(rate, i) ? [i + 1] : []))
  return numbers.length > 0 ? `exponent ${numbers.join(', ')}:` : undefined
}

/** A sentence about growth at a rate. */
export function growthMessage(what: string, { value, interval }: Rate): string {
  const [rate, low, high] = [value, ...interval].map((figure) => figure.toPrecision(3))
  return `${what} ${rate} per step, 95 % interval ${low} to ${high}`
}

/** 0.975 quantiles of Student's t for 3 to 7 degrees of freedom. */
const quantiles = [
  3.1824463052837078, 2.7764451051977934, 2.5705818356363146, 2.4469118511449786, 2.364624251592784,
]

/**
 * Mean rate between a curve's ends, with an interval by batch means. The curve's n increments are cut into √n stretches, at least 4 and at
 * most 8, whose rates are taken as independent and normal. Increments are correlated: negatively on attractors (assuming independence would
 * make the interval too wide), positively on smooth paths (too narrow). Long stretches contain most of this correlation. The curve must
 * have at least `leastIncrements` + 1 points.
 */
export function meanRate({ times, logs }: Curve): Rate {
  const n = times.length - 1
  const rate = (from: number, to: number): number =>
    (logs[to]! - logs[from]!) / (times[to]! - times[from]!)
  const value = rate(0, n)
  const batches = Math.min(8, Math.max(4, Math.floor(Math.sqrt(n))))
  let squares = 0
  for (let b = 0; b < batches; b++) {
    const from = Math.floor((b * n) / batches)
    const to = Math.floor(((b + 1) * n) / batches)
    const weight = ((times[to]! - times[from]!) * batches) / (times[n]! - times[0]!)
    const deviation = weight * (rate(from, to) - value)
    squares += deviation * deviation
  }
  return rateOf(value, halfWidth(squares, batches))
}

/**
 * Half of a 95 % interval of a mean, by Student's t.
 *
 * @param squares sum of the squared deviations of the averaged values
 * @param count number of values, 4 to 8
 */
export function halfWidth(squares: number, count: number): number {
  return quantiles[count - 4]! * Math.sqrt(squares / (count * (count - 1)))
}
