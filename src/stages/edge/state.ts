import { type Header, historyShape } from '../../stage/index.ts'

/** Rows of the history: J², epoch, exposure. */
const historyLines = 3

const history = historyShape(historyLines)

export const stateShape = {
  words: [
    'looks',
    'lookedAt',
    ...(['running', 'step', 'epoch', 'exposure'] as const),
    /** Values of the last look. */
    ...(['j', 'j0', 'boundary', 'lookEpoch'] as const),
    ...(['asymptoticDistance', 'asymptoticDistanceError'] as const),
    ...(['jacobianNorm', 'jacobianNormError'] as const),
    /** Since the last look: sums and numbers of the cosines one and two steps apart. From the stretch before it: their means. */
    ...(['cosinesOne', 'pairsOne', 'cosinesTwo', 'pairsTwo', 'lagOne', 'lagTwo'] as const),
    /** 1 once the edge was crossed. The history holds only points before the edge, the first of them at the start. */
    'crossed',
    ...history.words,
  ] as const,
  lists: history.lists,
} as const

export type EdgeState = Header<typeof stateShape>
