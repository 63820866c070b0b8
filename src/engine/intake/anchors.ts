import type { Shards } from '../shards/shards.ts'
import { correctPositions, correctSeparation } from './corrections.ts'
import type { MemberState } from './member.ts'
import type { Notices } from './notices.ts'
import type { Summing } from './summing.ts'
import type { Timeline } from './timeline.ts'

/** An anchor with a drift above this is a break: the steps before it do not connect to the steps after it. */
const driftLimit = 1e-3

/** If an anchor changes a separation by more than this share of its norm, the twin was perturbed anew. */
const perturbedLimit = 0.1

/**
 * Applies an anchor once it has landed. An anchor of member 0 sets w0, or corrects the positions. Anchors of member 0 and of
 * another member at the same step set that member's separation. An anchor never makes a column.
 */
export class Anchors {
  readonly #shards: Shards
  readonly #members: readonly MemberState[]
  readonly #timeline: Timeline
  readonly #summing: Summing
  readonly #notices: Notices

  constructor(
    shards: Shards,
    members: readonly MemberState[],
    timeline: Timeline,
    summing: Summing,
    notices: Notices
  ) {
    this.#shards = shards
    this.#members = members
    this.#timeline = timeline
    this.#summing = summing
    this.#notices = notices
  }

  take(place: number, state: MemberState, step: number): void {
    state.anchors++
    if (state.lastStep !== null && step < state.lastStep) {
      state.generation++
      state.breakNext = true
      this.#summing.drop(state)
    }
    state.firstAnchor ??= step
    state.lastAnchor = step
    state.holdsAnchor = true
    state.lastStep = step
    const zero = this.#members[0]!
    if (place === 0) this.#position(zero, step)
    if (!this.#shards.plan.separations) return
    this.#summing.keep(state)
    this.#members.forEach((twin, other) => {
      if (other === 0 || twin.closed || (place !== 0 && place !== other)) return
      if (!zero.holdsAnchor || !twin.holdsAnchor) return
      if (twin.lastAnchor === zero.lastAnchor && twin.generation === zero.generation)
        this.#separation(other, twin)
    })
  }

  #position(state: MemberState, step: number): void {
    const { plan } = this.#shards
    const slots = this.#slots([0], state.passed)
    const { drift, norm } = this.#shards.drive(
      (shard) => correctPositions(shard, plan, state.anchored, slots),
      () => 'anchor'
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
    this.#timeline.markStale(0)
    this.#notices.raise(
      'drift',
      `step ${step}: the anchor lies ${drift.toExponential(2)} (relative) from the summed deltas; positions are corrected and windows close`
    )
  }

  #separation(place: number, twin: MemberState): void {
    const { plan } = this.#shards
    const slots = this.#slots([0, place], Math.min(twin.passed, this.#members[0]!.passed))
    const isSure = twin.anchored && !twin.gapNext && this.#timeline.marks(place, twin.passed).sure
    const { change, known } = this.#shards.drive(
      (shard) => correctSeparation(shard, plan, twin.member, slots),
      () => 'anchor'
    )
    const isPerturbed = isSure && change > perturbedLimit * known && change > this.#rounding
    if (isPerturbed) {
      twin.breakNext = true
      this.#notices.raise(
        'perturbed',
        `step ${twin.lastAnchor}: the anchors move the separation of member ${twin.member} by ${change.toExponential(2)}, its norm was ${known.toExponential(2)}: taken as a new perturbation, windows close`
      )
    }
    if (!isSure || isPerturbed) this.#timeline.markStale(place)
    twin.anchored = true
    twin.anchorNext = true
  }

  /** The size of ten rounding errors in every weight. A smaller change of a separation is not significant. */
  get #rounding(): number {
    return 10 * this.#shards.plan.unit * this.#members[0]!.anchorNorm
  }

  /** Slots of the first `count` entries in which all the given members are present. */
  #slots(places: readonly number[], count: number): number[] {
    return this.#timeline.placed(places, count).map((entry) => this.#shards.slotOf(entry))
  }
}
