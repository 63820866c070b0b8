// Runs whose linear map is known, and what the stage says of them.

import { from } from 'rxjs'
import { type AnalyseOptions, analyse } from '../../../src/analyse.ts'
import { koopman } from '../../../src/stages/koopman/index.ts'
import type { KoopmanValues } from '../../../src/stages/koopman/report.ts'
import { svd } from '../../../src/stages/svd/index.ts'
import type { Frame } from '../../../src/wire/frame.ts'
import { random } from '../../engine/frames.ts'
import { orthonormal } from '../../support/orthonormal.ts'
import { framesOf } from '../harness.ts'

export type Row = readonly number[]

/** A standard normal number, nearly: twelve uniform ones. */
export function gaussian(seed: number): () => number {
  const next = random(seed)
  return () => {
    let sum = 0
    for (let i = 0; i < 12; i++) sum += next()
    return sum / 2
  }
}

/** Diagonal blocks that turn by `angle` and grow by `modulus`, or grow alone. */
export function blocks(...modes: readonly (number | readonly [modulus: number, angle: number])[]) {
  const rows: number[][] = []
  const size = modes.reduce<number>((sum, mode) => sum + (typeof mode === 'number' ? 1 : 2), 0)
  for (const mode of modes) {
    const at = rows.length
    const row = (...values: number[]): number[] =>
      Array.from({ length: size }, (_, i) => values[i - at] ?? 0)
    if (typeof mode === 'number') rows.push(row(mode))
    else {
      const [c, s] = [mode[0] * Math.cos(mode[1]), mode[0] * Math.sin(mode[1])]
      rows.push(row(c, -s), row(s, c))
    }
  }
  return rows
}

export interface RunOptions {
  readonly start?: Row
  readonly steps: number
  /** Standard deviation of noise that drives the state, and of noise in each weight as it is recorded. */
  readonly noise?: number
  readonly recorded?: number
  readonly seed?: number
  /** Weights that the state is seen in. */
  readonly rows?: number
}

/** Weights over time, w = 0.3 + Q z with z' = M z + noise, for random orthonormal columns Q. */
export function runOf(matrix: readonly Row[], options: RunOptions): number[][] {
  const { steps, noise = 0, recorded = 0, seed = 1, rows = 40 } = options
  const normal = gaussian(seed)
  const q = orthonormal(rows, matrix.length, gaussian(77))
  const noiseOf = (deviation: number): number => (deviation > 0 ? deviation * normal() : 0)
  let z: number[] = [...(options.start ?? matrix.map(() => 1))]
  return Array.from({ length: steps + 1 }, () => {
    const weights = Array.from({ length: rows }, (_, k) =>
      z.reduce((sum, value, i) => sum + value * q[i]![k]!, 0.3 + noiseOf(recorded))
    )
    z = matrix.map((row) => row.reduce((sum, m, i) => sum + m * z[i]!, noiseOf(noise)))
    return weights
  })
}

/** The frames of one or more members that go through these weights, by member and time. */
export function frames(
  members: readonly (readonly Row[])[],
  dtype: 'f32' | 'f64' = 'f64'
): Frame[] {
  const deltas = members.map((weights) =>
    weights.slice(1).map((row, t) => row.map((value, k) => value - weights[t]![k]!))
  )
  return framesOf({ deltas, anchors: members.map((weights) => weights[0]!), dtype })
}

export interface Stages {
  readonly svd?: Parameters<typeof svd>[0] | false
  readonly koopman?: Parameters<typeof koopman>[0]
}

/** What the stage says at each summary. */
export function saidOf(
  stream: readonly Frame[],
  { svd: decomposed = {}, koopman: own = {} }: Stages = {},
  options: AnalyseOptions = {}
): KoopmanValues[] {
  const said: KoopmanValues[] = []
  let error: unknown
  const stages =
    decomposed === false
      ? [koopman({ coordinates: 'weights', ...own })]
      : [svd({ rank: 8, storage: 'f64', ...decomposed }), koopman({ on: 'svd', ...own })]
  from(stream)
    .pipe(analyse(options, ...stages))
    .subscribe({
      next: ({ summaries }) => {
        for (const { type, values } of summaries) {
          if (type === 'koopman') said.push(values as unknown as KoopmanValues)
        }
      },
      error: (thrown: unknown) => {
        error = thrown
      },
    })
  if (error) throw error
  return said
}

export const lastOf = (
  stream: readonly Frame[],
  stages?: Stages,
  options?: AnalyseOptions
): KoopmanValues => saidOf(stream, stages, { emit: { every: 1e6 }, ...options }).at(-1)!
