import type { Header } from '../../stage/index.ts'
import { metricNames, type PhaseModel } from './model.ts'

/** The header: the last look, and the state of the filter after all looks so far. */
export const stateShape = (model: PhaseModel | undefined) => ({
  words: ['looks', 'lookedAt', 'surprise', 'phase', 'since', 'unknown', ...metricNames] as const,
  lists: { probabilities: model?.start.length ?? 0 },
})

export type PhasesState = Header<ReturnType<typeof stateShape>>
