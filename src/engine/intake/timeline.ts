import { ThalwegError } from '../../error.ts'
import type { Mark, StepFacts } from '../../stage/block.ts'
import type { Metrics } from '../../wire/frame.ts'
import type { MemberState } from './member.ts'

/** What is known of a member's column. It is plain data and saved unchanged. */
export interface EntryMark {
  present: boolean
  /** Steps are missing before this column. */
  gap: boolean
  /** An anchor made the position before this column sure. */
  anchor: boolean
  breaks: boolean
  /** A later anchor moved the position so far that it is no longer valid for this column. */
  stale: boolean
  /** What the trainer reported for this step; absent if it reported nothing. */
  metrics?: Metrics
  learningRate: number
  /** Number of the trainer's steps that this column adds up. */
  stride: number
  /** By index: the logarithm of what was divided out of each tangent vector so far; NaN if there is no vector. */
  tangents?: readonly number[]
}

/** A recorded step that at least one member has sent. */
export interface Entry {
  readonly generation: number
  readonly step: number
  epoch?: number
  /** By the position of the member in the plan's `members`. */
  readonly marks: (EntryMark | null)[]
}

/**
 * The recorded steps that are not analysed yet, in order, and how far each member has come. Members are paired by step. The first
 * member to send a step makes its entry. A member that goes past a step is absent from its entry.
 */
export class Timeline {
  readonly entries: Entry[] = []
  readonly #members: readonly MemberState[]
  readonly #slots: number

  constructor(members: readonly MemberState[], slots: number) {
    this.#members = members
    this.#slots = slots
  }

  /**
   * The entry that a member's step belongs to: `entries.length` for a new entry, -1 if the other members have skipped the step.
   *
   * @throws E_SKEW when another member is more than a block behind
   */
  find(state: MemberState, step: number, offset: number): number {
    const { generation } = state
    const { entries } = this
    for (let e = state.passed; e < entries.length; e++) {
      const entry = entries[e]!
      if (entry.generation === generation && entry.step === step) return e
      if (entry.generation > generation || (entry.generation === generation && entry.step > step))
        return -1
    }
    if (entries.length >= this.#slots) {
      const last = this.#members.reduce((a, b) => (b.closed || a.passed <= b.passed ? a : b))
      throw new ThalwegError(
        'E_SKEW',
        `member ${state.member} is at step ${step}, member ${last.member} still at step ${last.lastStep ?? 'none'}: more than a block of ${this.#slots / 2} steps apart. ` +
          'Send the members of a step together, or raise "block".',
        { offset }
      )
    }
    return entries.length
  }

  /** Marks a member's step as received; `place` is the position of the member in the plan's `members`. */
  record(place: number, e: number, step: number, epoch: number | undefined): void {
    const state = this.#members[place]!
    const { entries } = this
    if (e === entries.length) {
      entries.push({ generation: state.generation, step, marks: this.#members.map(() => null) })
    }
    const entry = entries[e]!
    if (epoch !== undefined) entry.epoch ??= epoch
    entry.marks[place] = {
      present: true,
      gap: state.gapNext,
      anchor: state.anchorNext,
      breaks: state.breakNext,
      stale: false,
      learningRate: state.learningRate,
      stride: state.stride,
      ...(state.told?.step === step ? { metrics: state.told.metrics } : {}),
    }
    state.told = null
    state.gapNext = state.anchorNext = state.breakNext = false
    state.passed = e + 1
  }

  /** Takes what the trainer reports for a step, before or after its delta. */
  tell(place: number, step: number, metrics: Metrics): void {
    const state = this.#members[place]!
    const { learningRate, generation } = state
    const rate = Number.isFinite(metrics.learningRate) ? metrics.learningRate! : learningRate
    const entry = this.entries.find((own) => own.generation === generation && own.step === step)
    const mark = entry?.marks[place]
    if (mark) {
      mark.metrics = { ...mark.metrics, ...metrics }
      mark.learningRate = rate
    } else {
      const known = state.told?.step === step ? state.told.metrics : {}
      state.told = { step, metrics: { ...known, ...metrics } }
    }
    state.learningRate = rate
  }

  /** What the trainer reported for a member's first `count` columns. */
  facts(place: number, count: number): StepFacts[] {
    return this.entries.slice(0, count).map(({ marks }) => {
      const { metrics = {}, learningRate = Number.NaN, stride = Number.NaN } = marks[place] ?? {}
      return { metrics, learningRate, stride }
    })
  }

  /** Columns that all members have passed. */
  get complete(): number {
    return this.#members.reduce(
      (n, { closed, passed }) => (closed ? n : Math.min(n, passed)),
      this.entries.length
    )
  }

  /** Those of the first `count` entries in which all the given members are present. */
  placed(places: readonly number[], count: number): number[] {
    return this.entries
      .slice(0, count)
      .flatMap(({ marks }, e) => (places.every((place) => marks[place]?.present) ? [e] : []))
  }

  /** Called after a correction too large to apply to earlier columns: their positions no longer hold. */
  markStale(place: number): void {
    for (const entry of this.entries) {
      const mark = entry.marks[place]
      if (mark) mark.stale = true
    }
  }

  /** The marks of a member's first `count` columns, and whether the position after them is sure. */
  marks(place: number, count: number): { readonly marks: Mark[]; readonly sure: boolean } {
    let { sure } = this.#members[place]!
    const marks = this.entries.slice(0, count).map((entry): Mark => {
      const own = entry.marks[place]
      const zero = entry.marks[0]
      if (!own?.present || !zero?.present) {
        sure = false
        return { present: false, breaks: true, sure }
      }
      if (own.gap || zero.gap) sure = false
      if (own.anchor) sure = true
      return { present: true, breaks: own.breaks || zero.breaks, sure: sure && !own.stale }
    })
    return { marks, sure }
  }

  /** Removes a block of entries from the front, and returns them. */
  advance(count: number): Entry[] {
    this.#members.forEach((state, place) => {
      state.sure = this.marks(place, count).sure
    })
    const taken = this.entries.splice(0, count)
    for (const state of this.#members) {
      state.passed = Math.max(0, state.passed - count)
      for (const coming of [state.assembly, state.tangents]) {
        if (coming && coming.entry >= 0) coming.entry -= count
      }
    }
    return taken
  }
}
