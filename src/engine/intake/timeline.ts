import { ThalwegError } from '../../error.ts'
import type { Mark, StepFacts } from '../../stage/block.ts'
import type { Metrics } from '../../wire/frame.ts'
import type { MemberState } from './member.ts'

/** What is known of a member's column: plain data, saved as it is. */
export interface EntryMark {
  present: boolean
  /** Steps are missing before this column. */
  gap: boolean
  /** An anchor made the position before this column sure. */
  anchor: boolean
  breaks: boolean
  /** A later anchor moved the position so far that it does not hold for this column. */
  stale: boolean
  /** What the trainer said of this step; absent where it said nothing. */
  metrics?: Metrics
  learningRate: number
  /** Steps of the trainer that this column adds up. */
  stride: number
  /** By index: what was divided out of each tangent vector so far, as a logarithm; NaN where there is none. */
  tangents?: readonly number[]
}

/** A recorded step that at least one member has brought. */
export interface Entry {
  readonly generation: number
  readonly step: number
  epoch?: number
  /** By the member's place among those looked at. */
  readonly marks: (EntryMark | null)[]
}

/**
 * The recorded steps that are not yet analysed, in order, and how far each member has come. Members are paired by step:
 * the first one to bring a step makes its entry, one that goes past it leaves it absent.
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
   * The entry that a member's step belongs to; `entries.length` for a new one, -1 where the others have left the step
   * out.
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

  /** Marks a member's step as come; `place` is the member's place among those looked at. */
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

  /** Takes what the trainer says of a step, whether its delta has come or is still to come. */
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

  /** What the trainer said of a member's first `count` columns. */
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

  /** After a correction too large to hold backwards: what came before is not placed. */
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

  /** Takes a block of entries off the front, and hands them over. */
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
