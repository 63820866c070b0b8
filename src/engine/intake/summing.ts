import type { Shards } from '../shards/shards.ts'
import type { MemberState } from './member.ts'

/** Sums k deltas into one recorded step (`select.every`), in f64 for each member. */
export class Summing {
  readonly #shards: Shards

  constructor(shards: Shards) {
    this.#shards = shards
  }

  /** Adds the delta that has landed. Returns true for the last delta of a sum. */
  add(state: MemberState): boolean {
    const { here, plan } = this.#shards
    for (const shard of here) {
      const sum = shard.address(`sum/${state.member}`)
      const landed = shard.address(`landing/${state.member}`)
      shard.kernels.accumulate({ sum, x: landed, n: shard.rows, elementBytes: plan.elementBytes })
    }
    state.summed++
    return state.summed === plan.settings.select.every
  }

  /** Writes the sum to a column, and begins the next sum. */
  settle(state: MemberState, slot: number): void {
    const { here, plan } = this.#shards
    for (const shard of here) {
      const sum = shard.address(`sum/${state.member}`)
      const column = shard.column(state.member, slot)
      shard.kernels.settle({ sum, x: column, n: shard.rows, elementBytes: plan.elementBytes })
    }
    state.summed = 0
  }

  /** Keeps a copy of the sum at an anchor, because another member's anchor of the same step may come when the sum has grown. */
  keep({ member }: MemberState): void {
    const { here, plan } = this.#shards
    if (plan.settings.select.every === 1) return
    for (const shard of here) {
      const sum = shard.arena.f64(shard.address(`sum/${member}`), shard.rows)
      shard.arena.f64(shard.address(`sum-at-anchor/${member}`), shard.rows).set(sum)
    }
  }

  /** Discards the sum when the trainer has gone back and its deltas no longer apply. */
  drop(state: MemberState): void {
    if (state.summed === 0) return
    for (const shard of this.#shards.here) {
      shard.arena.f64(shard.address(`sum/${state.member}`), shard.rows).fill(0)
    }
    state.summed = state.span = 0
  }
}
