import { TileSums } from '../kernels/sums.ts'
import type { Analysis } from './analysis.ts'
import { drive } from './drive.ts'
import type { MemberState } from './member.ts'
import type { RunPlan } from './plan.ts'
import type { Report } from './report.ts'
import type { Shard } from './shard.ts'
import type { Step } from './stage.ts'
import type { Timeline } from './timeline.ts'

/** A drift at an anchor above this is a break: what came before does not connect to what follows. */
const driftLimit = 1e-3

/**
 * What an anchor does, once it has landed. Of member 0 it sets w0, or corrects the positions; with another member's of the
 * same step it sets their separation. It never makes a column.
 */
export class Anchors {
  private readonly analysis: Analysis
  private readonly members: readonly MemberState[]
  private readonly timeline: Timeline
  private readonly report: Report

  constructor(
    analysis: Analysis,
    members: readonly MemberState[],
    timeline: Timeline,
    report: Report
  ) {
    this.analysis = analysis
    this.members = members
    this.timeline = timeline
    this.report = report
  }

  take(place: number, state: MemberState, step: number): void {
    state.anchors++
    if (state.lastStep !== null && step < state.lastStep) {
      state.generation++
      state.breakNext = true
    }
    state.firstAnchor ??= step
    state.lastAnchor = step
    state.lastStep = step
    const zero = this.members[0]!
    if (place === 0) this.position(zero, step)
    if (!this.analysis.plan.separations) return
    this.members.forEach((twin, other) => {
      if (other === 0 || twin.closed || (place !== 0 && place !== other)) return
      if (twin.lastAnchor === zero.lastAnchor && twin.generation === zero.generation)
        this.separation(other, twin)
    })
  }

  private position(state: MemberState, step: number): void {
    const { plan, shards } = this.analysis
    const slots = this.placedSlots([0], state.passed)
    const { drift, norm } = drive(
      shards.map((shard) => correctPositions(shard, plan, state.anchored, slots))
    )
    state.anchorNorm = norm
    state.anchorNext = true
    if (!state.anchored) {
      state.anchored = true
      return
    }
    state.driftAtAnchor = drift
    if (drift <= driftLimit) return
    state.breakNext = true
    this.timeline.markStale(0)
    this.report.alert(
      'health/drift',
      'warn',
      `step ${step}: the anchor lies ${drift.toExponential(2)} (relative) from the summed deltas; positions are corrected and windows close`
    )
  }

  private separation(place: number, twin: MemberState): void {
    const { plan, shards } = this.analysis
    const slots = this.placedSlots([0, place], Math.min(twin.passed, this.members[0]!.passed))
    for (const shard of shards) correctSeparation(shard, plan, twin.member, slots)
    if (twin.gapNext || !this.timeline.marks(place, twin.passed).sure) {
      this.timeline.markStale(place)
    }
    twin.anchored = true
    twin.anchorNext = true
  }

  /** Slots of the first `count` entries in which all the given members are present. */
  private placedSlots(places: readonly number[], count: number): number[] {
    return this.timeline.entries
      .slice(0, count)
      .flatMap((entry, e) =>
        places.every((place) => entry.marks[place]?.present) ? [this.analysis.slotOf(e)] : []
      )
  }
}

interface AnchorOutcome {
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
function* correctPositions(
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
function correctSeparation(
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
