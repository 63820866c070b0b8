import { exp, log } from '../../stage/index.ts'

/** Fewest values of which a tail is made. */
export const leastTail = 10

/** A power law p(x) ~ x^-exponent fitted to the largest of some values. */
export interface Tail {
  readonly exponent: number
  /** Standard error of the exponent, where the law holds. */
  readonly error: number
  /** Largest difference between the tail's distribution and the law's (Kolmogorov and Smirnov). */
  readonly distance: number
  /** Values in the tail, and the least of them. */
  readonly count: number
  readonly least: number
}

/**
 * The power law of the tail whose least value makes the distance smallest, its exponent by maximum likelihood (Clauset, Shalizi and
 * Newman 2009). Undefined of fewer than `leastTail` positive values, or where all are equal.
 *
 * @param values ascending
 */
export function fitTail(values: ArrayLike<number>): Tail | undefined {
  const logs = Array.from(values)
    .filter((value) => value > 0)
    .map(log)
  let best: Tail | undefined
  let sum = 0
  for (let i = logs.length - 1; i >= 0; i--) {
    const count = logs.length - i
    sum += logs[i]!
    const spread = sum - count * logs[i]!
    if (count < leastTail || !(spread > 0)) continue
    const slope = count / spread
    const distance = distanceFrom(logs, i, slope)
    if (best && distance > best.distance) continue
    const error = slope / Math.sqrt(count)
    best = { exponent: 1 + slope, error, distance, count, least: exp(logs[i]!) }
  }
  return best
}

/** Largest difference between the values' distribution from the i-th on, before each of them, and 1 - e^(-slope ln x / x_i). */
function distanceFrom(logs: readonly number[], i: number, slope: number): number {
  const count = logs.length - i
  let most = 0
  for (let j = i; j < logs.length; j++) {
    const beyond = exp(Math.max(-700, slope * (logs[i]! - logs[j]!)))
    most = Math.max(most, Math.abs((j - i) / count - 1 + beyond))
  }
  return most
}

/**
 * Distance that a tail of so many values from a power law exceeds once in twenty times: an exponential's in the logarithm, with its
 * rate estimated (Stephens 1974). The choice of the least value makes tails look better than that.
 */
export function tailLimit(count: number): number {
  const root = Math.sqrt(count)
  return 1.094 / (root + 0.26 + 0.5 / root) + 0.2 / count
}
