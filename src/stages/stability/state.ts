import { type Header, historyShape } from '../../stage/index.ts'

/** Rows of the history: stability and its null. */
export const historyLines = 2

const history = historyShape(historyLines)

export const stateShape = {
  words: [
    'looks',
    'lookedAt',
    /** Figures of the last look, and of its comparison with the previous one. */
    ...(['stableRank', 'participationRatio', 'numericalRank', 'leftOut', 'keptRank'] as const),
    ...(['stability', 'flips', 'relativeStep', 'stabilityNull'] as const),
    /** Variance between draws of the null, over looks that fade with age, and the weight of these looks. */
    'variance',
    'weight',
    /** Number of looks in a row at which the basis was calm, the step of the first of them, and sums over them. */
    ...(['calm', 'calmSince', 'calmExcess', 'calmVariance'] as const),
    /** Whether it has been calm for long enough and is still calm. */
    'settled',
    ...history.words,
  ] as const,
  lists: history.lists,
} as const

export type StabilityState = Header<typeof stateShape>
