import type { Block, StepFacts, TrainingFacts } from '../../stage/index.ts'

/** Progress of a training, kept in the header. */
export interface Clock {
  /** 1 once it is running. */
  running: number
  step: number
  epoch: number
  /** ∫ η d epoch / ((1 - α) B): times the prefactor a, this is the growth of J². */
  exposure: number
}

export interface Time {
  readonly epoch: number
  readonly exposure: number
}

/**
 * Advances the clock over a block and returns the time after each column; the first entry is the time before the first column. Epochs are
 * those of the stream, or steps times batch size over data set size; NaN if neither is known.
 *
 * @param start step before the first column of the run
 * @param columns with the learning rate of each column
 */
export function advanceClock(
  clock: Clock,
  block: Block,
  start: number,
  facts: TrainingFacts,
  columns: readonly Pick<StepFacts, 'learningRate'>[]
): Time[] {
  const perStep = facts.batchSize / facts.datasetSize
  const per = 1 / ((1 - facts.momentum) * facts.batchSize)
  if (clock.running === 0) {
    clock.running = 1
    clock.step = start
    clock.epoch = startEpoch(block, start, perStep)
    clock.exposure = 0
  }
  const times: Time[] = [{ epoch: clock.epoch, exposure: clock.exposure }]
  block.steps.forEach((step, j) => {
    const epoch = block.epochs[j] ?? clock.epoch + (step - clock.step) * perStep
    clock.exposure += columns[j]!.learningRate * Math.max(0, epoch - clock.epoch) * per
    clock.step = step
    clock.epoch = epoch
    times.push({ epoch, exposure: clock.exposure })
  })
  return times
}

/** The epoch before the first column, from the growth of epochs over the first block, or else from batch and data set size. */
function startEpoch({ steps, epochs }: Block, start: number, perStep: number): number {
  const [first] = epochs
  if (first === undefined) return Number.isFinite(perStep) ? 0 : Number.NaN
  const last = epochs.length - 1
  const grown = (epochs[last] ?? first) - first
  const usual = last > 0 ? grown / (steps[last]! - steps[0]!) : 0
  const spacing = usual > 0 ? usual : perStep || 0
  return Math.max(0, first - (steps[0]! - start) * spacing)
}
