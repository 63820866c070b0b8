import {
  type Comparison,
  comparisonOf,
  type FigureValues,
  isSketch,
  type ScopeShape,
  sketchError,
  whyOf,
} from '../../stage/index.ts'
import { type Limits, projectionErrorBound, upperBound } from './errors/bounds.ts'
import { participation } from './errors/dimension.ts'
import { estimatedError } from './errors/missing.ts'
import { mostWalkedRank, type SvdNull } from './null.ts'
import type { SvdOptions, svdFigures } from './spec.ts'
import type { SvdState } from './state.ts'

export type SvdValues = FigureValues<typeof svdFigures>

/** Walks are compared only if there are this many times as many columns as reported directions. */
const fewestColumns = 2

/** The same for weights: in a small tensor, a walk's classes represent the few largest weights too coarsely. */
const fewestWeights = 64

/** The comparison if there are no walks. */
const none: Comparison = { mean: Number.NaN, scatter: Number.NaN, threshold: Number.NaN }

/** The figures of a summary, all from the state, so that a block without columns repeats the figures of the last one. */
export function figures(
  state: SvdState,
  { rank, of }: SvdOptions,
  scope: ScopeShape,
  limits: Limits,
  walks: SvdNull | undefined
): SvdValues {
  const { energy, seen, kept } = state
  const { rows } = limits
  const squares = Array.from(state.squares.subarray(0, kept))
  const reported = Math.min(rank, rows, seen)
  const held = Array.from({ length: reported }, (_, i) => squares[i] ?? 0)
  const total = held.reduce((sum, square) => sum + square, 0)
  // Rounding of the storage may make it a little more than all; shares of zero energy are NaN.
  const captured = Math.min(1, total / energy)
  const chance = walks ? comparisonOf(walks.captured(reported)) : none
  const { ratio, interval } = participation(state, limits)
  const upperBounds = held.map((square) => upperBound(square, state))
  // The factor is that of the folded matrix: bounds of its values do not hold for the weights, and its vectors are not theirs.
  const folded = isSketch(scope)
  const isTested =
    of === 'deltas' && seen >= fewestColumns * reported && rows >= fewestWeights * reported
  const beyondNull = isTested ? against(captured, chance) : 'untested'
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
    captured,
    capturedNull: chance.mean,
    capturedNullError: chance.scatter,
    capturedExcess: chance.threshold,
    beyondNull,
    participationRatio: energy > 0 ? ratio : Number.NaN,
    participationInterval: energy > 0 && !folded ? interval : null,
    projectionErrorBound: folded ? Number.NaN : projectionErrorBound(state, reported, limits),
    orthogonality: folded ? Number.NaN : state.orthogonality,
    columns: seen,
    kept,
    why: whyOf(
      seen === 0
        ? 'no column has come'
        : energy === 0 && 'all columns are zero, or too small for f32',
      folded &&
        'upperBounds, participationInterval, projectionErrorBound and orthogonality need tier basis',
      untested(beyondNull, of, walks, isTested && energy > 0, Math.max(1, reported))
    ),
  }
}

function against(
  captured: number,
  { mean, threshold }: Comparison
): 'above' | 'within' | 'untested' {
  // A share is at most 1: if walks hold nearly all, no run could be above them.
  if (!(Number.isFinite(captured) && mean + threshold < 1)) return 'untested'
  return captured - mean > threshold ? 'above' : 'within'
}

/** Why there is no comparison with walks. */
function untested(
  told: 'above' | 'within' | 'untested',
  of: SvdOptions['of'],
  walks: SvdNull | undefined,
  isFull: boolean,
  reported: number
): string | false {
  if (told !== 'untested') return false
  if (!walks) return `walks are drawn where "walks" is true and "rank" at most ${mostWalkedRank}`
  if (of === 'positions') return 'beyondNull is known only for deltas'
  if (isFull) return 'beyondNull needs walks that hold less: an excess over these would pass 100 %'
  return `beyondNull needs ${fewestColumns * reported} columns, ${fewestWeights * reported} weights, and movement`
}
