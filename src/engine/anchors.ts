import { TileSums } from '../kernels/sums.ts'
import type { RunPlan } from './plan.ts'
import type { Shard } from './shard.ts'
import type { Step } from './stage.ts'

export interface AnchorOutcome {
  /** Elements that are not finite. */
  readonly nonFinite: number
  /** ‖predicted - anchor‖ / ‖anchor‖; 0 for two zeros. */
  readonly drift: number
  /** ‖w‖. */
  readonly norm: number
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

/** Corrects member 0's positions by its anchor, or sets w0 at the first one. */
export function* correctPositions(
  shard: Shard,
  plan: RunPlan,
  known: boolean,
  slots: readonly number[]
): Step<AnchorOutcome> {
  const tiles = shard.to - shard.from
  const sums = new TileSums(
    shard.arena,
    shard.address('scratch'),
    { tiles: plan.layout.tiles, from: shard.from },
    3
  )
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
    tiles,
    shard.from,
    shard.from,
    sums.pointer,
    sums.depth
  )
  const { add } = yield { add: sums.partial(shard.to) }
  const norm = Math.sqrt(add[2]!)
  const drift = Math.sqrt(add[1]!)
  return { nonFinite: add[0]!, drift: drift === 0 ? 0 : drift / norm, norm }
}

/** Sets the separation of a member from its anchor and member 0's, of the same step. */
export function correctSeparation(
  shard: Shard,
  plan: RunPlan,
  member: number,
  slots: readonly number[]
): void {
  shard.kernels.anchor_separation(
    shard.address(`separation/${member}`),
    shard.address(`anchor/${member}`),
    shard.address('anchor/0'),
    plan.anchorBytes,
    writeTable(shard, member, slots),
    slots.length,
    plan.elementBytes,
    shard.address(`sum/${member}`),
    shard.address('sum/0'),
    shard.rows
  )
}
