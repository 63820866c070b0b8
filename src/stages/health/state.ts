import type { Header } from '../../stage/index.ts'
import type { Ring } from './baseline.ts'
import { type Condition, conditions } from './spec.ts'

/** Steps that make up the usual size of an update, and losses that tell whether it still falls. */
export const usualUpdates = 64
export const usualLosses = 256

/** What health keeps, all f64, the same on every shard. */
export const stateShape = {
  words: [
    /** Steps whose delta was zero. */
    'zeroDeltas',
    /** Norms of the last delta, of the weights (NaN where w0 is not known), and of the position. */
    'updateNorm',
    'weightNorm',
    'distance',
    /** Largest distance from the start at the end of a block so far. */
    'farthest',
    /** Sum of all update norms. */
    'path',
    /** Mean cosine of successive updates in the last block that had two, and whether there was one. */
    'cosine',
    'hasCosine',
    /** Steps of the trainer that the last recorded step adds up; 0 before the first. */
    'stride',
    /** Rows that have never moved. */
    'still',
    /** Recorded steps, and how many values have gone into each ring. */
    'steps',
    'updatesSeen',
    'lossesSeen',
    /** Blocks in a row whose updates were far above the usual. */
    'wildBlocks',
    /** For each alert, the recorded step from which on it may be raised again. */
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

/** Takes how many steps a recorded one adds up: with another number, other sizes are usual. */
export function takeStride(state: HealthState, stride: number): void {
  if (stride !== state.stride) state.updatesSeen = state.wildBlocks = 0
  state.stride = stride
}

export function pushLoss(state: HealthState, loss: number): void {
  state.losses[state.lossesSeen++ % usualLosses] = loss
}

/**
 * Whether an alert is raised where its condition holds at a step: not again before the condition has been away for `quiet`
 * recorded steps.
 */
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
