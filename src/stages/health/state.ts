import type { Header } from '../../stage/index.ts'
import type { Ring } from './baseline.ts'
import { type Condition, conditions } from './spec.ts'

/** Number of steps that define the usual size of an update, and of losses that tell whether the loss still falls. */
export const usualUpdates = 64
export const usualLosses = 256

/** The state of health, all f64, the same on every shard. */
export const stateShape = {
  words: [
    /** Steps whose delta was zero. */
    'zeroDeltas',
    /** Norms of the last delta, of the weights (NaN if w0 is not known), and of the position. */
    'updateNorm',
    'weightNorm',
    'distance',
    /** Largest distance from the start so far, at the end of a block. */
    'farthest',
    /** Sum of all update norms. */
    'path',
    /** Mean cosine of successive updates in the last block with at least two, and whether there was such a block. */
    'cosine',
    'hasCosine',
    /** Number of trainer steps in the last recorded step; 0 before the first. */
    'stride',
    /** Rows that have never moved. */
    'still',
    /** Number of recorded steps, and how many values have gone into each ring. */
    'steps',
    'updatesSeen',
    'lossesSeen',
    /** Number of blocks in a row whose updates were far above the usual. */
    'wildBlocks',
    /** For each alert, the first recorded step at which it may be raised again. */
    ...conditions.map((condition) => `quiet/${condition}` as const),
  ] as const,
  lists: { updates: usualUpdates, losses: usualLosses },
} as const

export type HealthState = Header<typeof stateShape>

export function updatesOf({ updates, updatesSeen }: HealthState): Ring {
  return { values: updates, seen: updatesSeen }
}

export function lossesOf({ losses, lossesSeen }: HealthState): Ring {
  return { values: losses, seen: lossesSeen }
}

export function pushUpdate(state: HealthState, norm: number): void {
  state.updates[state.updatesSeen++ % usualUpdates] = norm
}

/** Takes the number of trainer steps in a recorded step. If this number changes, other sizes are usual. */
export function takeStride(state: HealthState, stride: number): void {
  if (stride !== state.stride) state.updatesSeen = state.wildBlocks = 0
  state.stride = stride
}

export function pushLoss(state: HealthState, loss: number): void {
  state.losses[state.lossesSeen++ % usualLosses] = loss
}

/** Whether an alert is raised for a condition that holds at a step: only if the condition has been away for `quiet` recorded steps. */
export function isDue(
  state: HealthState,
  condition: Condition,
  step: number,
  quiet: number
): boolean {
  const word = `quiet/${condition}` as const
  const due = step >= state[word]
  state[word] = step + quiet
  return due
}
