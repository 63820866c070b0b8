// Courses made of plain numbers, and what is read of them.
import type { Reading } from '../../../../src/stages/ftle/reading.ts'
import type { Course } from '../../../../src/stages/ftle/verdict/course.ts'
import { type Measures, measure } from '../../../../src/stages/ftle/verdict/measures.ts'
import { random } from '../../../engine/frames.ts'

export interface Told {
  /** ln d of each twin at each point. */
  readonly twins: readonly ArrayLike<number>[]
  /** ln of the share of each twin across those before it. */
  readonly across?: number
  /** ln ‖w‖, ln of the step's length and of how far it goes along the separations; default: steady. */
  readonly size?: (t: number) => number
  readonly pace?: (t: number) => number
  readonly along?: (t: number) => number
  /** Points of the window; default: all. */
  readonly growth?: readonly [from: number, to: number]
  readonly passed?: boolean
}

/** A course of weights of norm 1 in f64, whose steps have a length of about a half. */
export function courseOf({ twins, across = -0.1, size = () => 0, pace, along }: Told): Course {
  const next = random(99)
  const noise = (): number => 0.3 * next()
  const times = Float64Array.from(twins[0]!, (_, t) => t + 1)
  const along0 = along ?? (() => -2 + noise())
  return {
    times,
    twins: twins.map((logs) => Float64Array.from(logs)),
    across: twins.map(() => times.map(() => across)),
    size: times.map((_, t) => size(t)),
    pace: times.map((_, t) => (pace ? pace(t) : -0.7 + noise())),
    along: twins.map(() => times.map((_, t) => along0(t))),
    floor: times.map(() => Math.log(10 * 2 ** -53)),
    saturation: times.map(() => Math.log(0.05 * Math.SQRT2)),
  }
}

export function readingOf(told: Told): Reading {
  const course = courseOf(told)
  const [from, to] = told.growth ?? [0, course.times.length - 1]
  const end = told.passed ? to : course.times.length - 1
  const stretch = { from: 0, to: end, passed: told.passed ?? false }
  return { course, first: 0, twin: 0, stretch, part: { from: 0, to }, growth: { from, to } }
}

export const measured = (told: Told): Measures => measure(readingOf(told))

/** A walk with drift: a normal number, nearly, of such a mean and deviation is added at each point. */
export function walk(
  length: number,
  drift: number,
  deviation: number,
  seed = 1,
  start = 0
): number[] {
  const next = random(seed)
  let log = start
  return Array.from({ length }, () => {
    let sum = 0
    for (let i = 0; i < 3; i++) sum += next()
    log += drift + deviation * sum
    return log
  })
}

export const line = (length: number, slope: number, start = 0): number[] =>
  Array.from({ length }, (_, t) => start + slope * t)
