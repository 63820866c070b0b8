import * as assert from 'uvu/assert'
import type { AnalyseOptions } from '../../../src/analyse.ts'
import { svd } from '../../../src/stages/svd/index.ts'
import { analyseRecording } from '../harness.ts'

export interface Figures {
  singularValues: number[]
  upperBounds: number[]
  estimatedErrors: number[]
  energy: number
  captured: number
  projectionErrorBound: number
  orthogonality: number
  columns: number
  kept: number
}

/** The last summary of the stage over these columns, in f64 for the reference mode. */
export function decompose(
  columns: readonly ArrayLike<number>[],
  options: Parameters<typeof svd>[0],
  more: AnalyseOptions = {}
): Figures {
  const dtype = options?.storage === 'f64' ? 'f64' : 'f32'
  const { summaries, error } = analyseRecording(
    { deltas: [columns], dtype },
    svd({ walks: false, ...options }),
    {
      emit: { every: 1000 },
      ...more,
    }
  )
  if (error) throw error
  return summaries.at(-1)!.values as unknown as Figures
}

/** Columns as the wire carries them. */
export const rounded = (columns: readonly ArrayLike<number>[]): Float32Array[] =>
  columns.map((column) => Float32Array.from(column))

export const energyOf = (singularValues: readonly number[]): number =>
  singularValues.reduce((sum, value) => sum + value * value, 0)

export function near(actual: number, expected: number, relative: number, what: string): void {
  const error = Math.abs(actual - expected) / Math.abs(expected)
  assert.ok(error <= relative, `${what}: ${actual}, expected ${expected}, relative error ${error}`)
}
