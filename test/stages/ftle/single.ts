// Single runs that follow a map along a few directions, and what the stage reads of them by `local-linear`.

import { from } from 'rxjs'
import { type AnalyseOptions, analyse } from '../../../src/analyse.ts'
import type { Summary } from '../../../src/engine/summary.ts'
import { ftle } from '../../../src/stages/ftle/index.ts'
import { svd } from '../../../src/stages/svd/index.ts'
import type { Frame } from '../../../src/wire/frame.ts'
import { random } from '../../engine/frames.ts'
import { orthonormal } from '../../support/orthonormal.ts'
import { orbit, type State, stream } from './members.ts'

export interface LocalValues {
  readonly exponents: readonly number[]
  readonly intervals: readonly ([number, number] | null)[]
  readonly spectral: readonly number[]
  readonly spectralIntervals: readonly ([number, number] | null)[]
  readonly nonNormality: readonly number[]
  readonly window: [number, number] | null
  readonly verdict: string
  readonly latest: string
  readonly efoldings: number
  readonly horizon: number
  readonly captured: number
  readonly unexplained: number
  readonly why: string
}
interface Stages {
  readonly svd?: Parameters<typeof svd>[0]
  readonly ftle?: Parameters<typeof ftle>[0]
}

export function summariesOf(
  frames: readonly Frame[],
  stages: Stages = {},
  options: AnalyseOptions = {}
): Summary[] {
  const summaries: Summary[] = []
  from(frames)
    .pipe(
      analyse(
        options,
        svd({ rank: 8, ...stages.svd }),
        ftle({ method: 'local-linear', on: 'svd', ...stages.ftle })
      )
    )
    .subscribe({
      next: (block) => summaries.push(...block.summaries.filter(({ type }) => type === 'ftle')),
      error: (thrown: unknown) => {
        throw thrown
      },
    })
  return summaries
}

/** What is said at the end alone. */
export const lastOf = (
  frames: readonly Frame[],
  stages?: Stages,
  options?: AnalyseOptions
): LocalValues =>
  summariesOf(frames, stages, { emit: { every: 1e6 }, ...options }).at(-1)!
    .values as unknown as LocalValues

/** A standard normal number, nearly: twelve uniform ones. */
export const normalOf = (next: () => number) => (): number => {
  let sum = 0
  for (let i = 0; i < 12; i++) sum += next()
  return sum / 2
}

/** `count` orthonormal vectors of n dimensions. */
export const directions = (n: number, count: number, seed: number): number[][] =>
  orthonormal(n, count, normalOf(random(seed)))

const rows = 40
/** A run whose weights follow z' = M z + noise along a few directions, about a point of their own. */
export function runOf(
  map: (z: State) => State,
  start: State,
  steps: number,
  { noise = 0, seed = 1 } = {}
): State[] {
  const basis = directions(rows, start.length, 7)
  const normal = normalOf(random(seed))
  const states = orbit(start, steps, (z) => map(z).map((value) => value + noise * normal()))
  return states.map((z) =>
    Array.from({ length: rows }, (_, k) =>
      z.reduce((sum, value, i) => sum + value * basis[i]![k]!, 0.3)
    )
  )
}

export const framesOf = (states: State[], dtype: 'f32' | 'f64' = 'f32'): Frame[] =>
  stream([states], { dtype, open: { coupled: false } })

/** Gradient descent on a quadratic: 1 - ηh_i along its axes. */
export const multipliers = [0.999, 0.995, 0.99, 0.97, 0.9, 0.6]
export const quadratic = (z: State): State => z.map((value, i) => multipliers[i]! * value)
export const ones = multipliers.map(() => 1)
