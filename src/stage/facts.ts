import type { OpenFrame } from '../wire/frame.ts'

/** What a run says of its optimizer in `meta`; NaN for a number that it does not say. */
export interface TrainingFacts {
  readonly optimizer: string | undefined
  /** 0 where it is not said. */
  readonly momentum: number
  readonly batchSize: number
  /** Samples of the training set. */
  readonly datasetSize: number
  /** 0 where it is not said. */
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
