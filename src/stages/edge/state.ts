import { type Header, historyShape } from '../../stage/index.ts'

/** Lines of the history: J², epoch, exposure. */
const historyLines = 3

const history = historyShape(historyLines)

export const stateShape = {
  words: [
    'looks',
    'lookedAt',
    ...(['running', 'step', 'epoch', 'exposure'] as const),
    /** Of the last look. */
    ...(['j', 'j0', 'boundary', 'lookEpoch'] as const),
    ...(['asymptoticDistance', 'asymptoticDistanceError'] as const),
    ...(['jacobianNorm', 'jacobianNormError'] as const),
    /** Sums of cosines since the last look and how many, one and two steps apart; means of the stretch before it. */
    ...(['cosinesOne', 'pairsOne', 'cosinesTwo', 'pairsTwo', 'lagOne', 'lagTwo'] as const),
    /** Points of the history that lie before the edge, the first of them at the start; 1 once it was crossed. */
    'crossed',
    ...history.words,
  ] as const,
  lists: history.lists,
} as const

export type EdgeState = Header<typeof stateShape>
