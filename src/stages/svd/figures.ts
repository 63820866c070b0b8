import type { Mode, Values } from '../../engine/stage.ts'
import { exp, log } from '../../kernels/math.ts'
import { type Precision, projectionErrorBound, upperBound } from './bounds.ts'
import { estimatedError } from './missing.ts'
import type { SvdState } from './state.ts'

/** The figures of a summary, all from the state, so that a block without columns repeats the last one's. */
export function figures(
  state: SvdState,
  rank: number,
  rows: number,
  precision: Precision,
  mode: Mode
): Values {
  const { energy, seen, kept } = state
  const squares = Array.from(state.squares.subarray(0, kept))
  const reported = Math.min(rank, rows, seen)
  const held = Array.from({ length: reported }, (_, i) => squares[i] ?? 0)
  const captured = energy > 0 ? held.reduce((sum, square) => sum + square, 0) / energy : Number.NaN
  const upperBounds = held.map((square) => upperBound(square, state))
  const why = seen === 0 ? 'no column has come' : energy === 0 ? 'all columns are zero' : undefined
  return {
    singularValues: held.map(Math.sqrt),
    upperBounds,
    estimatedErrors: held.map((square, i) =>
      Math.min(estimatedError(state, i, rows, precision), upperBounds[i]! - Math.sqrt(square))
    ),
    energy,
    captured,
    capturedNull: mode.null?.values.captured ?? null,
    effectiveRank: effectiveRank(squares),
    projectionErrorBound:
      energy > 0 ? projectionErrorBound(state, reported, precision) : Number.NaN,
    orthogonality: state.orthogonality,
    columns: seen,
    kept,
    ...(why === undefined ? {} : { why }),
  }
}

/** exp of the entropy of σ_i / Σσ (Roy and Vetterli 2007), over all kept singular values. */
function effectiveRank(squares: readonly number[]): number {
  const values = squares.map(Math.sqrt)
  const total = values.reduce((sum, value) => sum + value, 0)
  if (total === 0) return 0
  const entropy = values.reduce((sum, value) => {
    const p = value / total
    return p > 0 ? sum - p * log(p) : sum
  }, 0)
  return exp(entropy)
}
