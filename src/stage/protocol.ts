import type { TreeNodes } from '../kernels/tree.ts'

/**
 * What a shard hands to the all-reduce: a tree of sums over its tiles, and values of which the greatest counts. Slot 0
 * of `add` counts what went wrong: a shard never throws between yields. Whoever drives the step reads the total of slot 0,
 * and all shards throw the same error where it is not 0. A value that only one shard knows travels in `max`, as -Infinity
 * from the others.
 */
export interface ShardSums {
  readonly add: TreeNodes
  readonly max?: Float64Array
}

export interface Totals {
  readonly add: Float64Array
  readonly max: Float64Array
}

/**
 * A step of a stage: yields a shard's sums, is given the totals of all. The number, order and length of its yields depend
 * only on options, `open` and totals, so that shards advance in lockstep.
 */
export type Step<Result> = Generator<ShardSums, Result, Totals>
