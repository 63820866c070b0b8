import type { RunPlan } from '../planning/plan.ts'
import { type Region, shardRegions } from '../planning/regions.ts'
import type { Shard } from '../shards/shard.ts'
import type { Shards } from '../shards/shards.ts'

/** The kept regions of each shard, in their order. */
export type StateLayout = readonly (readonly (readonly [name: string, bytes: number])[])[]

/** A piece of a shard's memory. The shard is undefined if it is in another thread. */
export interface Piece {
  readonly shard: Shard | undefined
  address: number
  bytes: number
}

const keptOf = (plan: RunPlan): Region[][] =>
  plan.edges
    .slice(1)
    .map((_, k) => shardRegions(plan, k).filter(({ kept, bytes }) => kept && bytes > 0))

export const stateLayout = (plan: RunPlan): StateLayout =>
  keptOf(plan).map((regions) => regions.map(({ name, bytes }) => [name, bytes] as const))

/** Bytes of memory in a run's state, with all columns. */
export function stateBytes(plan: RunPlan): number {
  return keptOf(plan)
    .flat()
    .reduce((sum, { bytes }) => sum + bytes, 0)
}

export const isPlanned = ({ edges }: RunPlan, shard: number): boolean => shard < edges.length - 1

/**
 * The pieces of all shards' memories that make up the state, in order. A shard beyond the plan's takes the headers of the first
 * shard, which are the same on all.
 */
export function* pieces({ plan, here }: Shards, slots: readonly number[]): Generator<Piece> {
  const beyond = here.find(({ number }) => !isPlanned(plan, number))
  for (const [k, regions] of keptOf(plan).entries()) {
    const own = here.find(({ number }) => number === k)
    for (const { name, bytes, column } of regions) {
      const shard = own ?? (k === 0 && name.endsWith('/header') ? beyond : undefined)
      const address = shard?.address(name) ?? 0
      if (column === undefined) yield { shard, address, bytes }
      else {
        const stride = bytes / plan.slots
        for (const slot of slots) yield { shard, address: address + slot * stride, bytes: column }
      }
    }
  }
}

/** The first region in which two layouts differ. */
export function differenceOf(saved: StateLayout, planned: StateLayout): string | undefined {
  for (let k = 0; k < Math.max(saved.length, planned.length); k++) {
    const [got = [], expected = []] = [saved[k], planned[k]]
    for (let i = 0; i < Math.max(got.length, expected.length); i++) {
      const [a, b] = [got[i], expected[i]].map((region) => region?.join(' of ') ?? 'none')
      if (a !== b) return `region ${i} of shard ${k} is ${a} bytes, expected ${b}`
    }
  }
  return undefined
}
