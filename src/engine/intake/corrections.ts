import { TileSums } from '../../kernels/sums.ts'
import type { Step } from '../../stage/protocol.ts'
import type { RunPlan } from '../planning/plan.ts'
import type { Shard } from '../shards/shard.ts'

interface Drift {
  /** ‖predicted - anchor‖ / ‖anchor‖; 0 for two zeros. */
  readonly drift: number
  /** ‖w‖. */
  readonly norm: number
}

/** Corrects member 0's positions by its anchor, or sets w0 at its first anchor. */
export function* correctPositions(
  shard: Shard,
  plan: RunPlan,
  known: boolean,
  slots: readonly number[]
): Step<Drift> {
  const sums = anchorSums(shard, plan)
  sums.depth = shard.kernels.anchor_positions({
    anchor: shard.address('anchor/0'),
    anchorBytes: plan.anchorBytes,
    known,
    weights: shard.address('weights'),
    high: shard.address('positions/high'),
    low: shard.address('positions/low'),
    moves: {
      table: writeTable(shard, 0, slots),
      count: slots.length,
      elementBytes: plan.elementBytes,
      sum: shard.address('sum/0'),
    },
    tiles: shard.to - shard.from,
    index: shard.from,
    sums,
  })
  const { add } = yield { add: sums.partial(shard.to) }
  const norm = Math.sqrt(add[2]!)
  const drift = Math.sqrt(add[1]!)
  return { drift: drift === 0 ? 0 : drift / norm, norm }
}

interface Change {
  /** By how much the separation changed, ‖d_anchors - d_known‖. */
  readonly change: number
  /** ‖d_known‖. */
  readonly known: number
}

/** Sets the separation of a member from its anchor and member 0's anchor at the same step. */
export function* correctSeparation(
  shard: Shard,
  plan: RunPlan,
  member: number,
  slots: readonly number[]
): Step<Change> {
  const sums = anchorSums(shard, plan)
  sums.depth = shard.kernels.anchor_separation({
    separation: shard.address(`separation/${member}`),
    anchor: shard.address(`anchor/${member}`),
    zero: shard.address('anchor/0'),
    anchorBytes: plan.anchorBytes,
    moves: {
      table: writeTable(shard, member, slots),
      count: slots.length,
      elementBytes: plan.elementBytes,
      sum: shard.address(`sum-at-anchor/${member}`),
    },
    zeroSum: shard.address('sum-at-anchor/0'),
    tiles: shard.to - shard.from,
    index: shard.from,
    sums,
  })
  const { add } = yield { add: sums.partial(shard.to) }
  return { change: Math.sqrt(add[1]!), known: Math.sqrt(add[2]!) }
}

/** Writes the table of columns since the block's start, which positions and separations do not include yet. Returns its address. */
function writeTable(shard: Shard, member: number, slots: readonly number[]): number {
  const address = shard.address('table')
  const table = shard.arena.u32(address, slots.length)
  slots.forEach((slot, i) => {
    table[i] = shard.column(member, slot)
  })
  return address
}

/** Three sums over all of a shard's tiles. */
function anchorSums(shard: Shard, plan: RunPlan): TileSums {
  const { tiles } = plan.layout
  return new TileSums(shard.arena, shard.address('scratch'), { tiles, from: shard.from }, 3)
}
