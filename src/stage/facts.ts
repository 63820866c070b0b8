import type { OpenFrame } from '../wire/frame.ts'

/** What a run's `meta` says about its optimizer; NaN for a number that it does not give. */
export interface TrainingFacts {
  readonly optimizer: string | undefined
  /** 0 if not given. */
  readonly momentum: number
  readonly batchSize: number
  /** Number of samples in the training set. */
  readonly datasetSize: number
  /** 0 if not given. */
  readonly weightDecay: number
}

export function trainingFacts({ meta }: OpenFrame): TrainingFacts {
  const number = (name: string, otherwise: number): number => {
    const value = meta[name]
    return typeof value === 'number' ? value : otherwise
  }
  return {
    optimizer: typeof meta.optimizer === 'string' ? meta.optimizer.toLowerCase() : undefined,
    momentum: number('momentum', 0),
    batchSize: number('batchSize', Number.NaN),
    datasetSize: number('datasetSize', Number.NaN),
    weightDecay: number('weightDecay', 0),
  }
}
