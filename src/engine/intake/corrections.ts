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

/** Corrects member 0's positions by its anchor, or sets w0 at the first one. */
export function* correctPositions(
  shard: Shard,
  plan: RunPlan,
  known: boolean,
  slots: readonly number[]
): Step<Drift> {
  const sums = anchorSums(shard, plan)
  sums.depth = shard.kernels.anchor_positions(
    shard.address('anchor/0'),
    plan.anchorBytes,
    known ? 1 : 0,
    shard.address('weights'),
    shard.address('positions/high'),
    shard.address('positions/low'),
    writeTable(shard, 0, slots),
    slots.length,
    plan.elementBytes,
    shard.address('sum/0'),
    ...allTiles(shard, sums)
  )
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

/** Sets the separation of a member from its anchor and member 0's, of the same step. */
export function* correctSeparation(
  shard: Shard,
  plan: RunPlan,
  member: number,
  slots: readonly number[]
): Step<Change> {
  const sums = anchorSums(shard, plan)
  sums.depth = shard.kernels.anchor_separation(
    shard.address(`separation/${member}`),
    shard.address(`anchor/${member}`),
    shard.address('anchor/0'),
    plan.anchorBytes,
    writeTable(shard, member, slots),
    slots.length,
    plan.elementBytes,
    shard.address(`sum-at-anchor/${member}`),
    shard.address('sum-at-anchor/0'),
    ...allTiles(shard, sums)
  )
  const { add } = yield { add: sums.partial(shard.to) }
  return { change: Math.sqrt(add[1]!), known: Math.sqrt(add[2]!) }
}

/** Columns since the block's start, which positions and separations do not hold yet. */
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

/** These tiles and the stack of their sums, as kernels take them. */
function allTiles({ from, to }: Shard, { pointer, depth }: TileSums) {
  return [to - from, from, from, pointer, depth] as const
}
