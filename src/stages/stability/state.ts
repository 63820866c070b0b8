import { type Header, historyShape } from '../../stage/index.ts'

/** Lines of the history: stability and its null. */
export const historyLines = 2

const history = historyShape(historyLines)

export const stateShape = {
  words: [
    'looks',
    'lookedAt',
    /** Figures of the last look, and of the pair that it makes with the one before. */
    ...(['stableRank', 'participationRatio', 'numericalRank', 'leftOut', 'keptRank'] as const),
    ...(['stability', 'flips', 'relativeStep', 'stabilityNull'] as const),
    /** Variance between draws of the null, over looks that fade with age, and their weight. */
    'variance',
    'weight',
    /** Looks in a row at which the basis was calm, the step of the first, and sums over them. */
    ...(['calm', 'calmSince', 'calmExcess', 'calmVariance'] as const),
    /** Whether it was calm for long enough and is calm still. */
    'settled',
    ...history.words,
  ] as const,
  lists: history.lists,
} as const

export type StabilityState = Header<typeof stateShape>
