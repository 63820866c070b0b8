import { historyFigure, whyOf } from '../../stage/index.ts'
import type { Matrices } from './layout.ts'
import type { StabilityOptions, StabilityValues } from './spec.ts'
import { historyLines, type StabilityState } from './state.ts'
import { basisOf, excessVariance } from './take.ts'

/** The figures of a summary, computed from the state alone. */
export function figuresOf(
  state: StabilityState,
  matrices: Matrices | undefined,
  options: StabilityOptions
): StabilityValues {
  const isLooked = matrices !== undefined && state.looks > 0
  const isPaired = isLooked && state.weight > 0
  const once = (value: number): number => (isLooked ? value : Number.NaN)
  const twice = (value: number): number => (isPaired ? value : Number.NaN)
  const basis = matrices ? basisOf(state) : 'none'
  return {
    basis,
    stability: twice(state.stability),
    stabilityNull: twice(state.stabilityNull),
    stabilityNullError: twice(Math.sqrt(state.variance / state.weight)),
    excess: twice(state.stability - state.stabilityNull),
    excessError: twice(Math.sqrt(excessVariance(state, options))),
    flips: twice(state.flips),
    relativeStep: twice(state.relativeStep),
    stableRank: once(state.stableRank),
    participationRatio: once(state.participationRatio),
    numericalRank: once(state.numericalRank),
    leftOut: once(state.leftOut),
    keptRank: once(state.keptRank),
    ...costs(state, isLooked ? matrices : undefined),
    settledSince: basis === 'settled' ? state.calmSince : Number.NaN,
    looks: state.looks,
    lookedAt: once(state.lookedAt),
    history: historyFigure(state, historyLines),
    why: whyOf(
      !matrices && 'this scope is not a matrix with two sides of two or more',
      matrices && state.looks === 0 && 'the matrix was not looked at yet',
      isLooked && !isPaired && 'stability needs two looks at a matrix that is not zero',
      basis !== 'settled' && isPaired && 'settledSince needs a basis that has settled'
    ),
  }
}

/** What a switch to U S Vᵀ at the kept rank would save in training, and what memory it would take. */
function costs(
  { keptRank }: StabilityState,
  matrices: Matrices | undefined
): { saved: number; stored: number } {
  if (!matrices) return { saved: Number.NaN, stored: Number.NaN }
  const { sides, parts } = matrices
  const { long, short } = sides
  const rank = keptRank / parts.length
  const elements = long * short
  return {
    saved: Math.max(0, 1 - (rank * rank) / elements),
    stored: (rank * (long + short) + rank * rank) / elements,
  }
}
