import { reduceTree } from '../../kernels/tree.ts'
import type { RunPlan } from '../planning/plan.ts'
import type { Partial, Step, Total } from '../stage.ts'

/** Makes the total of partials; those of shards in other threads go in, too. */
export type AllReduce = (partials: readonly Partial[]) => Total

/** Which of a run's shards are in this thread, and how their partials become totals. No stage knows. */
export interface Share {
  /** The one shard that is here; undefined where all are. */
  readonly shard?: number
  readonly allReduce: AllReduce
  /** Is told of a run's plan before its memory is reserved; what it throws refuses the run. */
  readonly admit?: (plan: RunPlan) => void
}

/** All shards in one thread. */
export const wholeRun: Share = { allReduce: reduce }

/**
 * Drives the same step on every shard of this thread in lockstep: takes each shard's partial, hands the total back.
 * Shards come in order of their tiles; their results are equal, so the first one's is returned.
 */
export function drive<Result>(steps: readonly Step<Result>[], allReduce: AllReduce): Result {
  let turns = steps.map((step) => step.next())
  for (;;) {
    const first = turns[0]!
    if (first.done) return first.value
    const total = allReduce(turns.map((turn) => turn.value as Partial))
    turns = steps.map((step) => step.next(total))
  }
}

/** Reduces the partials of all shards, which come in order of their tiles. */
export function reduce(partials: readonly Partial[]): Total {
  const max = new Float64Array(partials[0]!.max?.length ?? 0).fill(-Infinity)
  for (const partial of partials) {
    partial.max?.forEach((value, i) => {
      if (value > max[i]!) max[i] = value
    })
  }
  return { add: reduceTree(partials.map((partial) => partial.add)), max }
}
