import { Random } from '../../../src/node/train/random.ts'
import type { Recorded } from './situation.ts'

/** Moves a state one step on; `draw` gives so many normal numbers, the same to all members that share noise. */
export type Advance = (z: Float64Array, step: number, draw: Draw) => Float64Array
export type Draw = (count: number) => Float64Array

export interface Simulation {
  readonly map: Advance
  /** The state that member 0 starts from. */
  readonly start: Float64Array
  readonly steps: number
  /** How far away each twin starts, by the norm of the weights; smallest first. */
  readonly sizes: readonly number[]
  /** How many of the state's first numbers are weights; default all. */
  readonly weights?: number
  readonly dtype?: 'f32' | 'f64'
  readonly coupled?: boolean
  /** Whether each member has noise of its own. */
  readonly ownNoise?: boolean
  /** Whether twins start in one direction; else each in its own. */
  readonly aligned?: boolean
  /** Whether a tangent is followed, for what is true; not needed where no chaos is meant. */
  readonly follows?: boolean
  /** Whether the tangent is sent. */
  readonly sendsTangent?: boolean
  readonly seed: number
}

/** A run ends before its weights are larger: deltas beyond 2^100 are refused. */
const most = 1e29

const norm = (v: Float64Array): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0))

/** A state pushed by so much along a direction of weights. */
function pushed(z: Float64Array, direction: Float64Array, distance: number): Float64Array {
  return z.map((value, i) => value + (i < direction.length ? distance * direction[i]! : 0))
}

function directionOf(random: Random, length: number): Float64Array {
  const v = new Float64Array(length).map(() => random.normal())
  const size = norm(v)
  return v.map((x) => x / size)
}

/**
 * Runs member 0 and its twins side by side. A tangent is followed beside them in f64 by a difference that is scaled back
 * to 1e-8 ‖w‖ after every step.
 */
export function simulate(simulation: Simulation): Recorded {
  const { map, start, steps, sizes, dtype = 'f64', coupled = true, seed } = simulation
  const { ownNoise = false, aligned = false, follows = false, sendsTangent = false } = simulation
  const weights = simulation.weights ?? start.length
  const random = new Random(seed, 101)
  const size = norm(start.subarray(0, weights))
  const common = directionOf(random, weights)
  const rounded = (z: Float64Array): Float64Array => (dtype === 'f32' ? z.map(Math.fround) : z)
  const starts = [
    start,
    ...sizes.map((e, m) =>
      pushed(start, aligned || m === 0 ? common : directionOf(random, weights), e * size)
    ),
  ]
  let states = starts.map(rounded)
  const members = states.map((z) => [z.slice(0, weights)])
  let tiny = 1e-8 * size
  const growth: number[] = []
  const tangents: { vector: Float64Array; logScale: number }[] = []
  let logScale = 0
  let base = start
  let beside = pushed(start, common, tiny)
  const noises = states.map((_, m) => noiseOf(new Random(seed, ownNoise ? 200 + m : 200)))
  const shadows = [noiseOf(new Random(seed, 200)), noiseOf(new Random(seed, 200))]
  for (let t = 0; t < steps; t++) {
    states = states.map((z, m) => rounded(map(z, t, noises[m]!)))
    if (!states.every((z) => z.every((v) => Math.abs(v) < most))) break
    for (const [m, z] of states.entries()) members[m]!.push(z.slice(0, weights))
    if (!follows) continue
    base = map(base, t, shadows[0]!)
    beside = map(beside, t, shadows[1]!)
    const apart = beside.map((value, i) => value - base[i]!)
    const length = norm(apart)
    const own = apart.slice(0, weights).map((value) => value / tiny)
    tangents.push({ vector: own, logScale })
    growth.push(Math.log(length / tiny))
    logScale += growth.at(-1)!
    tiny = 1e-8 * norm(base.subarray(0, weights))
    beside = base.map((value, i) => value + (apart[i]! * tiny) / Math.max(length, 1e-300))
  }
  return {
    members,
    dtype,
    coupled,
    ...(follows ? { growth } : {}),
    ...(sendsTangent ? { tangents } : {}),
  }
}

const noiseOf =
  (random: Random): Draw =>
  (count) =>
    new Float64Array(count).map(() => random.normal())

/** A state after so many steps of a map. */
export function settled(map: Advance, start: Float64Array, steps: number): Float64Array {
  const still: Draw = (count) => new Float64Array(count)
  let z = start
  for (let t = 0; t < steps; t++) z = map(z, t, still)
  return z
}
