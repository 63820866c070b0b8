import type { TreeNodes } from '../kernels/tree.ts'

/**
 * What a shard hands to the all-reduce: a tree of sums over its tiles, and values of which the maximum is taken. Slot 0 of `add`
 * counts faults, because a shard never throws between yields. If the total of slot 0 is not 0, whoever drives the step throws the
 * same error on all shards. A value that only one shard knows travels in `max`: the others send -Infinity.
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
 * A step of a stage. It yields a shard's sums and gets the totals over all shards. The number, order and length of its yields
 * depend only on options, `open` and totals, so that shards advance in lockstep.
 */
export type Step<Result> = Generator<ShardSums, Result, Totals>
