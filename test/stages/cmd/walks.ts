// Trajectories to analyse, what a batch fit makes of them, and a stage whose state can be looked at.
import * as assert from 'uvu/assert'
import type { StageContext, StageValue } from '../../../src/stage/define.ts'
import { readFit } from '../../../src/stages/cmd/fit.ts'
import { cmd } from '../../../src/stages/cmd/index.ts'
import type { CmdOptions, CmdValues } from '../../../src/stages/cmd/spec.ts'
import { random } from '../../engine/frames.ts'

/** Standard normal numbers. */
export function gaussian(seed: number): () => number {
  const next = random(seed)
  return () => {
    let u = 0
    let v = 0
    let square = 0
    do {
      u = next()
      v = next()
      square = u * u + v * v
    } while (square >= 1 || square === 0)
    return u * Math.sqrt((-2 * Math.log(square)) / square)
  }
}

export interface Recorded {
  readonly deltas: readonly Float32Array[]
  /** Position after each step, exactly as the deltas make it. */
  readonly positions: readonly Float64Array[]
}

/** Deltas in f32 that follow a trajectory: each makes up for the rounding of those before. */
export function follow(
  steps: number,
  rows: number,
  weight: (i: number, t: number) => number
): Recorded {
  const start = Float64Array.from({ length: rows }, (_, i) => weight(i, 0))
  const position = new Float64Array(rows)
  const deltas: Float32Array[] = []
  const positions: Float64Array[] = []
  for (let t = 1; t <= steps; t++) {
    const delta = Float32Array.from(position, (at, i) => weight(i, t) - start[i]! - at)
    delta.forEach((value, i) => {
      position[i]! += value
    })
    deltas.push(delta)
    positions.push(position.slice())
  }
  return { deltas, positions }
}

/** Weights about one of four clocks that jump at random, and a little noise: no other clock ever comes close. */
export function jumping(steps: number, rows: number, seed: number): Recorded {
  const next = gaussian(seed)
  const clocks = Array.from({ length: 4 }, () => Float64Array.from({ length: steps + 1 }, next))
  return follow(steps, rows, (i, t) => (1 + (i % 7)) * (clocks[i % 4]![t]! + 0.2 * next()))
}

/** A random walk with the same step variance for every weight. */
export function walk(steps: number, rows: number, seed: number): Recorded {
  const next = gaussian(seed)
  const deltas = Array.from({ length: steps }, () => Float32Array.from({ length: rows }, next))
  const position = new Float64Array(rows)
  const positions = deltas.map((delta) => {
    delta.forEach((value, i) => {
      position[i]! += value
    })
    return position.slice()
  })
  return { deltas, positions }
}

export interface Fitted {
  mode: number[]
  a: number[]
  b: number[]
}

/** The stage, what it keeps of each weight after the last full block, and a guard that peeks leave the rows alone. */
export function probe(options: Parameters<typeof cmd>[0]): {
  stage: StageValue
  fit: () => Fitted
} {
  const { definition } = cmd
  const contexts: StageContext<CmdOptions>[] = []
  const weights: number[] = []
  const stage = cmd(options)
  const probed: typeof definition = {
    ...definition,
    start: (context) => {
      const instance = definition.start(context)
      const shard = contexts.push(context) - 1
      const { scope, shape, options: own } = context
      const bytes = (scope.to - scope.from) * definition.plan(shape, own).perTile
      return {
        *step(block, mode) {
          weights[shard] = block.weights
          const rows = context.arena.u8(context.rows, bytes)
          const before = mode.commit ? undefined : rows.slice()
          const outcome = yield* instance.step(block, mode)
          if (before) assert.ok(Buffer.compare(before, rows) === 0, 'a peek writes no rows')
          return outcome
        },
      }
    },
  }
  return {
    stage: { ...stage, definition: probed as unknown as StageValue['definition'] },
    fit: () => {
      const tiles = contexts.flatMap((context, k) => [...readFit(context, weights[k]!)])
      return {
        mode: tiles.flatMap(({ mode }) => [...mode]),
        a: tiles.flatMap(({ a }) => [...a]),
        b: tiles.flatMap(({ b }) => [...b]),
      }
    },
  }
}

/** A column's weight for each of T columns: β^(columns after it). */
const fading = (columns: number, forget: number): number[] =>
  Array.from({ length: columns }, (_, t) => forget ** (columns - 1 - t))

/** A row's deviations from its weighted mean, in two passes. */
function centred(
  positions: readonly Float64Array[],
  row: number,
  weights: readonly number[]
): { mean: number; deviations: number[] } {
  const values = positions.map((at) => at[row]!)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const shift = values.reduce((sum, v, t) => sum + weights[t]! * (v - values[0]!), 0) / total
  const mean = values[0]! + shift
  return { mean, deviations: values.map((value) => value - mean) }
}

const dot = (u: readonly number[], v: readonly number[], weights: readonly number[]): number =>
  u.reduce((sum, value, t) => sum + weights[t]! * value * v[t]!, 0)

/** |corr| of a row with each reference over some columns. */
export function correlations(
  positions: readonly Float64Array[],
  row: number,
  references: readonly number[],
  forget = 1
): number[] {
  const weights = fading(positions.length, forget)
  const own = centred(positions, row, weights).deviations
  return references.map((reference) => {
    const clock = centred(positions, reference, weights).deviations
    const energies = dot(own, own, weights) * dot(clock, clock, weights)
    return Math.abs(dot(own, clock, weights)) / Math.sqrt(energies)
  })
}

/** What references explain of all movement, and the mean |corr| with the best of them, by a batch over some columns. */
export function measured(
  positions: readonly Float64Array[],
  references: readonly number[],
  forget = 1
): { explained: number; meanAbsCorrelation: number; modes: number[] } {
  const weights = fading(positions.length, forget)
  let [energy, residual, total, moving] = [0, 0, 0, 0]
  const modes = Array.from(positions[0]!, (_, row) => {
    const own = centred(positions, row, weights).deviations
    const square = dot(own, own, weights)
    if (square === 0) return -1
    const scores = correlations(positions, row, references, forget)
    const best = Math.max(...scores)
    energy += square
    residual += square * (1 - best ** 2)
    total += best
    moving++
    return scores.indexOf(best)
  })
  return { explained: 1 - residual / energy, meanAbsCorrelation: total / moving, modes }
}

/** The mean of a row's weights over some columns. */
export function meanWeight(
  positions: readonly Float64Array[],
  row: number,
  start: ArrayLike<number>,
  forget = 1
): number {
  return start[row]! + centred(positions, row, fading(positions.length, forget)).mean
}

/** Least squares of a row against a reference over some columns, both shifted by their first weights. */
export function leastSquares(
  positions: readonly Float64Array[],
  row: number,
  reference: number,
  start: ArrayLike<number>,
  forget = 1
): { a: number; b: number; residual: number; energy: number } {
  const weights = fading(positions.length, forget)
  const own = centred(positions, row, weights)
  const clock = centred(positions, reference, weights)
  const cross = dot(own.deviations, clock.deviations, weights)
  const square = dot(clock.deviations, clock.deviations, weights)
  const energy = dot(own.deviations, own.deviations, weights)
  const a = cross / square
  return {
    a,
    b: start[row]! + own.mean - a * (start[reference]! + clock.mean),
    residual: energy - (cross * cross) / square,
    energy,
  }
}

/** The figures of the last summary. */
export function last(summaries: readonly { values: unknown }[]): CmdValues {
  return summaries.at(-1)!.values as CmdValues
}

/** The weights that modes are measured by. */
export function referencesOf({ modes }: CmdValues): number[] {
  return modes!.map(({ reference }) => reference!.index)
}
