import {
  exp,
  type FigureValues,
  isSketch,
  log,
  type ScopeShape,
  sketchError,
  whyOf,
} from '../../stage/index.ts'
import { type Limits, projectionErrorBound, upperBound } from './bounds.ts'
import { estimatedError } from './missing.ts'
import type { svdFigures } from './spec.ts'
import type { SvdState } from './state.ts'

export type SvdValues = FigureValues<typeof svdFigures>

/** The figures of a summary, all from the state, so that a block without columns repeats the last one's. */
export function figures(
  state: SvdState,
  rank: number,
  scope: ScopeShape,
  limits: Limits,
  walk: SvdValues | undefined
): SvdValues {
  const { energy, seen, kept } = state
  const { rows } = limits
  const squares = Array.from(state.squares.subarray(0, kept))
  const reported = Math.min(rank, rows, seen)
  const held = Array.from({ length: reported }, (_, i) => squares[i] ?? 0)
  const total = held.reduce((sum, square) => sum + square, 0)
  const upperBounds = held.map((square) => upperBound(square, state))
  // The factor is that of the folded matrix: what is certain of its values is not of the weights', and its vectors are
  // not theirs.
  const folded = isSketch(scope)
  return {
    tier: folded ? 'sketch' : 'basis',
    singularValues: held.map(Math.sqrt),
    upperBounds: folded ? null : upperBounds,
    estimatedErrors: held.map((square, i) => {
      const value = Math.sqrt(square)
      const truncation = Math.min(estimatedError(state, i, limits), upperBounds[i]! - value)
      return truncation + sketchError(scope) * value
    }),
    energy,
    // All of it may come out as a little more, by the rounding of the storage. Shares of nothing are NaN.
    captured: Math.min(1, total / energy),
    capturedNull: walk?.captured ?? Number.NaN,
    effectiveRank: effectiveRank(squares),
    projectionErrorBound: folded ? Number.NaN : projectionErrorBound(state, reported, limits),
    orthogonality: folded ? Number.NaN : state.orthogonality,
    columns: seen,
    kept,
    why: whyOf(
      seen === 0 ? 'no column has come' : energy === 0 && 'all columns are zero',
      folded && 'upperBounds, projectionErrorBound and orthogonality need tier basis'
    ),
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
