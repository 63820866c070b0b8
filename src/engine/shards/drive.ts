import { ThalwegError } from '../../error.ts'
import { reduceTree } from '../../kernels/tree.ts'
import type { ShardSums, Step, Totals } from '../../stage/protocol.ts'
import type { RunPlan } from '../planning/plan.ts'

/** Adds up the shards' sums to totals, including those of shards in other threads. */
export type AllReduce = (sums: readonly ShardSums[]) => Totals

/** Which of a run's shards are in this thread, and how shards' sums become totals. Stages know nothing of this. */
export interface Share {
  /** The only shard in this thread; undefined if all shards are here. */
  readonly shard?: number
  readonly allReduce: AllReduce
  /** Called with a run's plan before its memory is reserved. If it throws, the run is refused. */
  readonly admit?: (plan: RunPlan) => void
}

/** All shards in one thread. */
export const wholeRun: Share = { allReduce: reduce }

/**
 * Drives the same step on every shard of this thread in lockstep: it takes each shard's sums and hands the totals back. The shards
 * come in order of their tiles. Their results are equal, so the first result is returned.
 *
 * @param what names the step in an error
 * @throws E_KERNEL on all shards, if slot 0 of a total says that something went wrong on one of them
 */
export function drive<Result>(
  steps: readonly Step<Result>[],
  allReduce: AllReduce,
  what: () => string
): Result {
  let turns = steps.map((step) => step.next())
  for (;;) {
    const first = turns[0]!
    if (first.done) return first.value
    const totals = allReduce(turns.map((turn) => turn.value as ShardSums))
    const faults = totals.add[0] ?? 0
    if (faults !== 0) {
      throw new ThalwegError(
        'E_KERNEL',
        `${what()}: ${faults} found, none expected. Please report this with your pipeline.`
      )
    }
    turns = steps.map((step) => step.next(totals))
  }
}

/** Reduces the sums of all shards, which come in order of their tiles. */
export function reduce(sums: readonly ShardSums[]): Totals {
  const max = new Float64Array(sums[0]!.max?.length ?? 0).fill(-Infinity)
  for (const own of sums) {
    own.max?.forEach((value, i) => {
      if (value > max[i]!) max[i] = value
    })
  }
  return { add: reduceTree(sums.map(({ add }) => add)), max }
}
