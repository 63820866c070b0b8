import { exp, log } from '../../stage/index.ts'

/** Fewest values in a tail. */
export const leastTail = 10

/** A power law p(x) ~ x^-exponent fitted to the largest of some values. */
export interface Tail {
  readonly exponent: number
  /** Standard error of the exponent, if the law holds. */
  readonly error: number
  /** Largest difference between the distribution of the tail and the law (Kolmogorov and Smirnov). */
  readonly distance: number
  /** Number of values in the tail, and the smallest of them. */
  readonly count: number
  readonly least: number
}

/**
 * Fits a power law to the tail. The smallest value of the tail is chosen so that the distance is smallest, and the exponent is found by
 * maximum likelihood (Clauset, Shalizi and Newman 2009). Undefined for fewer than `leastTail` positive values, or if all are equal.
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

/** Largest difference between the distribution of the values from the i-th on (just before each of them) and 1 - e^(-slope ln x / x_i). */
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
 * The distance from its law that a true power-law tail of this many values exceeds once in twenty times: the limit for an exponential law
 * of the logarithms with an estimated rate (Stephens 1974). Choosing the smallest value makes tails look better than this.
 */
export function tailLimit(count: number): number {
  const root = Math.sqrt(count)
  return 1.094 / (root + 0.26 + 0.5 / root) + 0.2 / count
}
