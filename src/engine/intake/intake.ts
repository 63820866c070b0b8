import type {
  AnchorFrame,
  DeltaFrame,
  Metrics,
  MetricsFrame,
  TangentFrame,
} from '../../wire/frame.ts'
import type { Shards } from '../shards/shards.ts'
import { Anchors } from './anchors.ts'
import { Columns } from './columns.ts'
import { Landing, located } from './landing.ts'
import { type MemberState, newMember, seenBefore } from './member.ts'
import type { Notices } from './notices.ts'
import { Summing } from './summing.ts'
import { Tangents } from './tangents.ts'
import { type Entry, Timeline } from './timeline.ts'

/** A frame of one member. */
type MemberFrame = DeltaFrame | AnchorFrame | TangentFrame | MetricsFrame

/** The fields of a frame that say which member and step its metrics belong to. */
type Place = Pick<MetricsFrame, 'member' | 'step' | 'epoch'>

/** Plain data, saved unchanged. */
interface IntakeState {
  readonly members: readonly MemberState[]
  readonly entries: readonly Entry[]
}

/** Turns frames into columns of the timeline, for the members that some stage looks at. */
export class Intake {
  readonly members: readonly MemberState[]
  readonly timeline: Timeline
  readonly #shards: Shards
  readonly #columns: Columns
  readonly #tangents: Tangents
  readonly #metrics: (place: Place, metrics: Metrics) => void

  /** @param metrics receives the trainer's own figures, before the payload of the same frame is taken */
  constructor(shards: Shards, notices: Notices, metrics: (place: Place, metrics: Metrics) => void) {
    const { learningRate } = shards.plan.open.meta
    const rate = typeof learningRate === 'number' ? learningRate : Number.NaN
    const members = shards.plan.members.map((member) => newMember(member, rate))
    const timeline = new Timeline(members, shards.plan.slots)
    const landing = new Landing(shards)
    const summing = new Summing(shards)
    const anchors = new Anchors(shards, members, timeline, summing, notices)
    const tangents = new Tangents(shards, timeline, landing, notices)
    this.members = members
    this.timeline = timeline
    this.#shards = shards
    this.#columns = new Columns({
      shards,
      members,
      timeline,
      landing,
      summing,
      anchors,
      tangents,
      notices,
    })
    this.#tangents = tangents
    this.#metrics = metrics
  }

  /** Takes a frame. Its payloads are copied before this returns. */
  take(frame: MemberFrame): void {
    const place = this.#shards.plan.members.indexOf(frame.member)
    if (place < 0) return
    const state = this.members[place]!
    state.frames++
    if (frame.kind === 'metrics') {
      if (!seenBefore(state, frame.kind, frame.step)) this.#tell(place, frame, frame.metrics)
    } else if (frame.kind === 'tangent') this.#tangent(place, state, frame)
    else this.#carry(place, state, frame)
  }

  /** Column slots of recorded steps that are not analysed yet, and of steps that are still incomplete. Between blocks there are none. */
  get slotsInUse(): number[] {
    const assembled = this.members
      .flatMap(({ assembly, tangents }) => [assembly, tangents])
      .map((coming) => (coming?.entry ?? -1) + 1)
    const length = Math.max(this.timeline.entries.length, ...assembled)
    return Array.from({ length }, (_, entry) => this.#shards.slotOf(entry))
  }

  get state(): IntakeState {
    return { members: this.members, entries: this.timeline.entries }
  }

  resume({ members, entries }: IntakeState): void {
    this.members.forEach((state, i) => {
      Object.assign(state, members[i])
    })
    this.timeline.entries.push(...entries)
  }

  /** Notes that the run's `open` came inside another run. */
  beginInside(): void {
    for (const state of this.members) state.inside = true
  }

  /** Continues with another stream. It may begin with steps that were seen before: these are skipped and counted. */
  join(): void {
    for (const state of this.members) {
      Object.assign(state, { resumed: 'waiting', assembly: null, tangents: null })
    }
  }

  /** Discards incomplete steps. */
  end(): void {
    for (const state of this.members) state.assembly = null
  }

  #carry(place: number, state: MemberState, frame: DeltaFrame | AnchorFrame): void {
    const assembly = this.#columns.assembly(state, frame)
    if (frame.kind === 'delta' && frame.metrics && assembly.unused === undefined) {
      this.#tell(place, frame, frame.metrics)
    }
    this.#columns.take(place, state, assembly, frame)
  }

  #tell(place: number, frame: Place, metrics: Metrics): void {
    this.timeline.tell(place, frame.step, metrics)
    this.#metrics(frame, metrics)
  }

  #tangent(place: number, state: MemberState, frame: TangentFrame): void {
    if (seenBefore(state, frame.kind, frame.step)) return
    try {
      this.#tangents.take(place, state, frame)
    } catch (error) {
      throw located(error, frame)
    }
  }
}
