import type { AnchorFrame, DeltaFrame } from '../../wire/frame.ts'
import type { RunPlan } from '../planning/plan.ts'
import type { Shard } from '../shards/shard.ts'
import type { Shards } from '../shards/shards.ts'
import type { Anchors } from './anchors.ts'
import { type Landing, located, type Target } from './landing.ts'
import { type Assembly, type MemberState, markGap, passedOver, startOf } from './member.ts'
import type { Notices } from './notices.ts'
import { canRebase, rebase } from './rebase.ts'
import type { Summing } from './summing.ts'
import type { Tangents } from './tangents.ts'
import type { Timeline } from './timeline.ts'
import { type Unusable, unusableError, unusableText } from './unusable.ts'

/** The parts of the run that making columns needs. */
interface Surroundings {
  readonly shards: Shards
  readonly members: readonly MemberState[]
  readonly timeline: Timeline
  readonly landing: Landing
  readonly summing: Summing
  readonly anchors: Anchors
  readonly tangents: Tangents
  readonly notices: Notices
}

/**
 * Makes columns out of the members' steps. It assembles the parts of each step, sums `select.every` deltas into one recorded step,
 * pairs the members, and turns the columns of members after the first into differences.
 */
export class Columns {
  readonly #run: Surroundings

  constructor(run: Surroundings) {
    this.#run = run
  }

  /** The step that a frame is part of. If another step is still unfinished, it is discarded. */
  assembly(state: MemberState, frame: DeltaFrame | AnchorFrame): Assembly {
    const { assembly } = state
    if (assembly?.kind === frame.kind && assembly.step === frame.step) return assembly
    state.assembly = this.#begin(state, frame)
    return state.assembly
  }

  /**
   * Takes a part of a step. The last part completes the step.
   *
   * @throws E_PAYLOAD, E_NONFINITE, E_SKEW
   */
  take(
    place: number,
    state: MemberState,
    assembly: Assembly,
    frame: DeltaFrame | AnchorFrame
  ): void {
    const { landing, anchors } = this.#run
    if (frame.kind === 'delta') {
      assembly.base ??= frame.base
      assembly.stride ??= frame.stride
      assembly.epoch ??= frame.epoch
    }
    if (assembly.unused === undefined) {
      const target = this.#target(state, assembly)
      try {
        const bad = landing.part(target, assembly.cursor, frame.at, frame.data, frame.dtype)
        assembly.unusable ??= bad
        if (!frame.more) landing.finish(target, assembly.cursor)
      } catch (error) {
        throw located(error, frame)
      }
    }
    if (frame.more) return
    state.assembly = null
    if (assembly.unused !== undefined) this.#passOver(state, assembly)
    else if (assembly.unusable) this.#unusable(state, assembly.unusable, frame)
    else if (frame.kind === 'anchor') anchors.take(place, state, frame.step)
    else this.#delta(place, state, assembly, frame.offset)
  }

  #begin(state: MemberState, frame: DeltaFrame | AnchorFrame): Assembly {
    const unused = passedOver(state, frame, this.#plan.settings.select)
    if (frame.kind === 'anchor' && unused === undefined) state.holdsAnchor = false
    const lands =
      frame.kind === 'delta' && unused === undefined && this.#plan.settings.select.every === 1
    const entry = lands ? this.#run.timeline.find(state, frame.step, frame.offset) : -1
    return {
      kind: frame.kind,
      step: frame.step,
      entry,
      unused: unused ?? (lands && entry < 0 ? 'unpaired' : undefined),
      cursor: { tensor: 0, element: 0 },
    }
  }

  #target(state: MemberState, assembly: Assembly): Target {
    const { member } = state
    const whole = assembly.kind === 'anchor'
    const elementBytes = whole ? this.#plan.anchorBytes : this.#plan.elementBytes
    const region = whole ? `anchor/${member}` : `landing/${member}`
    const address = (shard: Shard): number =>
      assembly.entry < 0
        ? shard.address(region)
        : shard.column(member, this.#run.shards.slotOf(assembly.entry))
    return { address, elementBytes, whole }
  }

  /**
   * Drops a repeat, and counts other skipped steps. Steps before the selection move the weights unseen, so earlier anchors no
   * longer hold.
   */
  #passOver(state: MemberState, { unused, step }: Assembly): void {
    if (unused === 'repeat') {
      state.duplicates++
      return
    }
    state.skipped++
    if (unused === 'before' || unused === 'after' || unused === 'unpaired') state.lastStep = step
    if (unused === 'unpaired') markGap(state)
    if (unused === 'before') {
      state.anchored = false
      state.sure = state.member === 0
    }
  }

  #unusable(state: MemberState, unusable: Unusable, frame: DeltaFrame | AnchorFrame): void {
    state.nonFinite++
    const what = unusableText(unusable, frame)
    const raise = (becomes: string) => this.#run.notices.raise(unusable.kind, `${what}; ${becomes}`)
    if (state.member > 0) {
      state.closed = true
      raise('its window is closed')
      return
    }
    if (this.#plan.settings.nonFinite === 'error') throw unusableError(unusable, what, frame.offset)
    raise('the step is dropped')
    if (frame.kind === 'delta') {
      markGap(state)
      state.lastStep = frame.step
    }
  }

  #delta(place: number, state: MemberState, assembly: Assembly, offset: number): void {
    const { step } = assembly
    const start = startOf(state, assembly.base)
    if (start === 'gap') this.#gap(state, assembly, '')
    if (start === 'anchor') {
      if (!canRebase(state)) {
        this.#gap(state, assembly, 'the step is dropped, ')
        state.skipped++
        state.lastStep = step
        return
      }
      const { shards, timeline } = this.#run
      const { address } = this.#target(state, assembly)
      rebase(shards, timeline, address, assembly.entry < 0 ? state.passed : assembly.entry)
    }
    state.steps++
    state.span += assembly.stride ?? 1
    state.lastStep = step
    const entry =
      this.#plan.settings.select.every > 1 ? this.#sum(state, step, offset) : assembly.entry
    if (entry >= 0) this.#pair(place, state, entry, step, assembly.epoch)
  }

  #gap(state: MemberState, { step, base }: Assembly, also: string): void {
    markGap(state)
    this.#run.notices.raise(
      'gap',
      `member ${state.member}: step ${step} starts at step ${base}, the last one was ${state.lastStep}; ${also}windows close and positions are unsure until the next anchor`
    )
  }

  /** Adds a delta to its sum. Returns the entry of the step that the delta completes, or -1 if there is none. */
  #sum(state: MemberState, step: number, offset: number): number {
    const { summing, timeline, shards } = this.#run
    if (!summing.add(state)) return -1
    const entry = timeline.find(state, step, offset)
    if (entry >= 0) summing.settle(state, shards.slotOf(entry))
    else {
      summing.drop(state)
      markGap(state)
    }
    return entry
  }

  /** Sets how many of the trainer's steps a recorded step adds up. If this number changes, windows close. */
  #stride(state: MemberState, step: number): void {
    const { span, stride } = state
    if (span !== stride && !Number.isNaN(stride)) {
      state.breakNext = true
      this.#run.notices.raise(
        'stride',
        `member ${state.member}: step ${step} adds up ${span} of the trainer's steps, those before it ${stride}; windows close`
      )
    }
    state.stride = span
    state.span = 0
  }

  /** Enters a column in the timeline. Once member 0's column is there, turns the other members' columns into differences from it. */
  #pair(place: number, state: MemberState, entry: number, step: number, epoch?: number): void {
    this.#stride(state, step)
    this.#run.timeline.record(place, entry, step, epoch)
    this.#run.tangents.record(place, state, entry, step)
    const { marks } = this.#run.timeline.entries[entry]!
    const slot = this.#run.shards.slotOf(entry)
    this.#run.members.forEach(({ member }, other) => {
      if (member === 0 || !marks[0]?.present || !marks[other]?.present) return
      if (state.member !== 0 && state.member !== member) return
      for (const shard of this.#run.shards.here) {
        shard.kernels.difference({
          x: shard.column(member, slot),
          zero: shard.column(0, slot),
          n: shard.rows,
          elementBytes: this.#plan.elementBytes,
        })
      }
    })
  }

  get #plan(): RunPlan {
    return this.#run.shards.plan
  }
}
