import type { Shard } from '../shards/shard.ts'
import type { Shards } from '../shards/shards.ts'
import type { MemberState } from './member.ts'
import type { Timeline } from './timeline.ts'

/** Number of rows processed at a time. Their temporary values lie outside the planned memory. */
const most = 4096

/** Whether a delta of this member from its last anchor can be converted to one from its last step. Both positions must be known. */
export function canRebase({ member, anchored, holdsAnchor }: MemberState): boolean {
  return member === 0 && anchored && holdsAnchor
}

/**
 * Converts a delta of member 0 in place: from its last anchor, w_step - w_anchor, to its last step. It adds w_anchor - w_last,
 * where w_last = w0 + position + the columns since the block began + the sum so far for the next column. It works in f64 and rounds
 * once. So the error is that of the delta as it came: half a unit in the last place of the distance from the anchor.
 *
 * @param address address of the delta in a shard
 * @param before number of entries of the timeline before the delta
 */
export function rebase(
  shards: Shards,
  timeline: Timeline,
  address: (shard: Shard) => number,
  before: number
): void {
  const { plan, here } = shards
  const slots = timeline.placed([0], before).map((entry) => shards.slotOf(entry))
  const moved = new Float64Array(most)
  for (const shard of here) {
    const { arena, rows } = shard
    const read = (at: number, bytes: 4 | 8): Float32Array | Float64Array =>
      bytes === 8 ? arena.f64(at, rows) : arena.f32(at, rows)
    const known = [
      read(shard.address('weights'), 4),
      read(shard.address('positions/high'), 4),
      read(shard.address('positions/low'), 4),
      ...slots.map((slot) => read(shard.column(0, slot), plan.elementBytes)),
      ...(plan.settings.select.every > 1 ? [read(shard.address('sum/0'), 8)] : []),
    ]
    const anchor = read(shard.address('anchor/0'), plan.anchorBytes)
    const delta = read(address(shard), plan.elementBytes)
    for (let first = 0; first < rows; first += most) {
      const count = Math.min(most, rows - first)
      for (let i = 0; i < count; i++) moved[i] = anchor[first + i]!
      for (const part of known) {
        for (let i = 0; i < count; i++) moved[i]! -= part[first + i]!
      }
      for (let i = 0; i < count; i++) delta[first + i]! += moved[i]!
    }
  }
}
