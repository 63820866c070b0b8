import { ThalwegError } from '../../error.ts'
import { log } from '../../kernels/math.ts'
import type { TangentFrame } from '../../wire/frame.ts'
import type { Shard } from '../shards/shard.ts'
import type { Shards } from '../shards/shards.ts'
import type { Cursor, Landing } from './landing.ts'
import type { MemberState } from './member.ts'
import type { Notices } from './notices.ts'
import type { Timeline } from './timeline.ts'
import { type Unusable, unusableText } from './unusable.ts'

/** Tangent vectors of one step that are still coming in. They are plain data and saved unchanged. */
export interface TangentAssembly {
  readonly step: number
  /** The entry of the timeline whose columns they land in, or -1. */
  entry: number
  /** Index of the vector whose parts are coming in. */
  index: number
  cursor: Cursor
  unusable?: Unusable
  /** By index: logarithm of the scale divided out of the vector; NaN if the vector did not come complete and finite. */
  readonly scales: number[]
  /** By index: ln |R_jj| of this step's re-orthonormalisation. */
  resets: number[] | null
}

/**
 * Takes the tangent vectors of a step before its delta. The vectors go into columns of their own, and the logarithm of what was
 * divided out of them into the entry's marks. The factor R of a re-orthonormalisation V = QR counts once per step, and only by its
 * diagonal. The elements above the diagonal mix a vector with the vectors before it. This does not change the volume that the first
 * j vectors span.
 */
export class Tangents {
  readonly #shards: Shards
  readonly #timeline: Timeline
  readonly #landing: Landing
  readonly #notices: Notices

  constructor(shards: Shards, timeline: Timeline, landing: Landing, notices: Notices) {
    this.#shards = shards
    this.#timeline = timeline
    this.#landing = landing
    this.#notices = notices
  }

  /** @throws E_PAYLOAD when parts of two vectors interleave, or do not fit the tensors */
  take(place: number, state: MemberState, frame: TangentFrame): void {
    const { step, index } = frame
    const count = this.#shards.plan.tangents[place]!
    if (index >= count || state.closed) return
    if (state.lastStep !== null && step <= state.lastStep) {
      if (step !== state.lastAnchor) this.#late(state, step)
      return
    }
    if (state.tangents?.step !== step) {
      settle(state)
      state.tangents = this.#begin(state, count, frame)
    }
    const own = state.tangents!
    own.resets ??= frame.reset ? diagonalLogs(frame.reset) : null
    const isFirst = frame.at === 0 && own.cursor.tensor === 0 && own.cursor.element === 0
    if (isFirst) own.index = index
    else if (own.index !== index) {
      throw new ThalwegError(
        'E_PAYLOAD',
        `tangent ${index} begins before tangent ${own.index} is whole. Send the parts of each vector together.`
      )
    }
    if (own.entry >= 0) this.#land(place, own, frame)
    if (frame.more) return
    own.scales[index] = own.unusable ? Number.NaN : frame.logScale
    if (own.unusable) {
      state.nonFinite++
      const what = unusableText(own.unusable, { ...frame, kind: `tangent ${index}` })
      this.#notices.raise(own.unusable.kind, `${what}; it is left out`)
    }
    own.unusable = undefined
    own.cursor = { tensor: 0, element: 0 }
  }

  /** Moves what has come for a step to its entry when its delta is recorded. */
  record(place: number, state: MemberState, entry: number, step: number): void {
    const own = state.tangents
    if (!own || own.step > step) return
    settle(state)
    state.tangents = null
    if (own.step !== step || own.entry !== entry) return
    this.#timeline.entries[entry]!.marks[place]!.tangents = own.scales.map(
      (scale, j) => scale + (state.tangentLogs[j] ?? 0)
    )
  }

  #begin(state: MemberState, count: number, { step, offset }: TangentFrame): TangentAssembly {
    return {
      step,
      entry: this.#timeline.find(state, step, offset),
      index: 0,
      cursor: { tensor: 0, element: 0 },
      scales: new Array<number>(count).fill(Number.NaN),
      resets: null,
    }
  }

  #land(place: number, own: TangentAssembly, frame: TangentFrame): void {
    const { plan } = this.#shards
    const member = plan.members[place]!
    const slot = this.#shards.slotOf(own.entry)
    const target = {
      address: (shard: Shard) => shard.tangent(member, frame.index, slot),
      elementBytes: plan.elementBytes,
      whole: false,
    }
    own.unusable ??= this.#landing.part(target, own.cursor, frame.at, frame.data, frame.dtype)
    if (!frame.more) this.#landing.finish(target, own.cursor)
  }

  #late(state: MemberState, step: number): void {
    state.skipped++
    this.#notices.raise(
      'late-tangent',
      `member ${state.member}: a tangent of step ${step} comes after the delta of step ${state.lastStep} and is left out. Send a step's tangents before its delta`
    )
  }
}

/** Adds the logarithms of a step's re-orthonormalisation to those of the steps before. */
function settle(state: MemberState): void {
  state.tangents?.resets?.forEach((value, j) => {
    state.tangentLogs[j] = (state.tangentLogs[j] ?? 0) + value
  })
}

/** ln |R_jj| of a square row-major matrix. */
function diagonalLogs(bytes: Uint8Array): number[] {
  const k = Math.sqrt(bytes.length / 8)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({ length: k }, (_, j) => log(Math.abs(view.getFloat64(8 * j * (k + 1), true))))
}
