import { log } from '../../../stage/index.ts'
import type { Curve } from '../fits.ts'
import type { Reading } from '../reading.ts'
import type { Measures } from './measures.ts'
import { foldings, percent, type Said, said } from './names.ts'
import { correlationTime, deviation, increments, mean } from './statistics.ts'

/** How evenly a change is spread over its window, judged by sums of increments over one to 128 correlation times. */
export interface Spread {
  /** Number of increments, and number of increments in one correlation time. */
  readonly increments: number
  readonly correlation: number
  /** (ΣS)² / ΣS² of sums S, the largest over their lengths: the number of equal parts in which the change comes. Signed. */
  readonly parts: number
  /**
   * Student's t of the mean sum, divided by its quantile at 0.1 %: the largest over the lengths, and the mean over the four greatest
   * lengths. Signed.
   */
  readonly evenness: number
  readonly persistence: number
  /** Share of all movement, up and down, that is in the largest 5 % of the increments. */
  readonly burst: number
  /** Standard deviation of the increments over their mean. */
  readonly unsteadiness: number
}

/** Lengths of the sums, in correlation times. Sums over a multiple of a period do not scatter with it, so powers of two are not enough. */
const multiples = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128]

/** Fewest sums for a deviation. */
const leastSums = 8

export function spreadOf(curve: Curve): Spread {
  const { logs } = evenly(curve)
  const steps = increments(logs)
  const correlation = correlationTime(steps)
  let parts = 0
  let evenness = 0
  const ratios: number[] = []
  for (const multiple of multiples) {
    const sums = sumsOver(logs, correlation * multiple)
    if (sums.length < leastSums) break
    const centre = mean(sums)
    if (centre === 0) continue
    const squares = sums.reduce((sum, s) => sum + s * s, 0)
    const equal = (sums.length * sums.length * centre * Math.abs(centre)) / squares
    if (Math.abs(equal) > Math.abs(parts)) parts = equal
    // Increments that are all alike have no deviation except rounding.
    const error = Math.max(deviation(sums), 1e-9 * Math.abs(centre)) / Math.sqrt(sums.length)
    const ratio = centre / error / student(sums.length - 1)
    if (Math.abs(ratio) > Math.abs(evenness)) evenness = ratio
    ratios.push(ratio)
  }
  return {
    increments: steps.length,
    correlation,
    parts,
    evenness,
    persistence: ratios.length > 0 ? mean(ratios.slice(-4)) : 0,
    burst: burstOf(steps),
    unsteadiness: deviation(steps) / Math.abs(mean(steps)),
  }
}

/** A curve's points at its coarsest spacing, so that increments are comparable even if the resolution was halved in a part of it. */
export function evenly(curve: Curve): Curve {
  const { times, logs } = curve
  const gap = increments(times).reduce((widest, own) => Math.max(widest, own), 0)
  const kept: number[] = []
  times.forEach((time, i) => {
    if (i === 0 || time - times[kept.at(-1)!]! >= gap) kept.push(i)
  })
  if (kept.length === times.length) return curve
  return {
    times: Float64Array.from(kept, (i) => times[i]!),
    logs: Float64Array.from(kept, (i) => logs[i]!),
  }
}

/** Changes over successive pieces of this many increments. */
function sumsOver(logs: Float64Array, length: number): Float64Array {
  const count = Math.floor((logs.length - 1) / length)
  return Float64Array.from({ length: count }, (_, i) => logs[(i + 1) * length]! - logs[i * length]!)
}

function burstOf(steps: Float64Array): number {
  const sizes = steps.map(Math.abs).sort()
  const few = Math.ceil(sizes.length / 20)
  const whole = sizes.reduce((sum, size) => sum + size, 0)
  const held = sizes.subarray(sizes.length - few).reduce((sum, size) => sum + size, 0)
  return whole > 0 ? held / whole : 0
}

/**
 * 0.999 quantile of Student's t from the quantile of the normal law, by Cornish and Fisher; accurate to 1 % from 7 degrees of freedom on.
 */
export function student(freedom: number): number {
  const u = 1 / freedom
  return (
    3.090232306167813 + u * (8.150129013502326 + u * (19.692528943929883 + u * 36.15404136593208))
  )
}

/** Evenness below which a change does not count: Student's t at about 1 %. */
export const leastEvenness = 0.75

/** Growth in jumps, or in too few independent stretches. */
export function uneven(reading: Reading, { grown, spread }: Measures): Said | undefined {
  const { parts, evenness, increments, correlation, burst } = spread
  const growth = `growth by ${foldings(grown)}`
  if (burst > 0.45) {
    return said(
      'expanding',
      `${growth} in jumps: the largest 5 % of the steps hold ${percent(burst)} of all movement`
    )
  }
  const isEven =
    evenness >= leastEvenness * allowance(reading) && parts >= 5 && increments >= 16 * correlation
  return isEven
    ? undefined
    : said(
        'expanding',
        `${growth} in too few independent stretches (as ${parts.toFixed(1)} equal ones)`
      )
}

/**
 * By how much the quantile of `evenness` is raised if the window was chosen: to 0.1 % over as many windows of its length as there is room
 * for before it.
 */
export function allowance({ growth, part }: Reading): number {
  return 1 + 0.125 * log(1 + (growth.from - part.from) / (growth.to - growth.from))
}
