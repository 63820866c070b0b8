import { ThalwegError } from '../../error.ts'
import type { Ledger } from '../../stage/block.ts'
import type { AnchorFrame, DeltaFrame, Frame, Metrics } from '../../wire/frame.ts'
import type { Select } from '../settings/fields.ts'
import type { Cursor } from './landing.ts'
import type { TangentAssembly } from './tangents.ts'
import type { Unusable } from './unusable.ts'

/** A step whose parts are coming in. */
export interface Assembly {
  readonly kind: 'delta' | 'anchor'
  readonly step: number
  /** The entry of the timeline that the delta lands in; -1 where it does not land in a column. */
  entry: number
  /** Why the parts are passed over, if they are. */
  readonly unused?: 'repeat' | 'before' | 'after' | 'unpaired' | 'closed' | 'seen'
  readonly cursor: Cursor
  base?: number
  stride?: number
  epoch?: number
  unusable?: Unusable
}

/** What a run keeps of one member beside its columns: plain data, saved as it is. */
export interface MemberState extends Mutable<Ledger> {
  readonly member: number
  lastStep: number | null
  lastAnchor: number | null
  firstAnchor: number | null
  /** Whether the last anchor is still in memory whole: another that begins overwrites it, and may end as none. */
  holdsAnchor: boolean
  /** Counts restarts from an earlier step, so that steps seen twice stay apart. */
  generation: number
  /** Entries of the timeline that this member has passed. */
  passed: number
  /** Deltas summed into the next recorded step, and the trainer's steps that these add up. */
  summed: number
  span: number
  /** Steps of the trainer that the last recorded step adds up; NaN before the first. */
  stride: number
  /** Whether the position before the block is known. */
  sure: boolean
  /** True once an anchor set w0 (member 0), or the separation (others). */
  anchored: boolean
  /** What the next column is marked with. */
  gapNext: boolean
  anchorNext: boolean
  breakNext: boolean
  closed: boolean
  /** Whether the run's `open` came inside another run. */
  inside: boolean
  /**
   * After a resume whose stream may begin earlier, until a step comes that was not seen before: what is known of that
   * stream, which goes on, is sent again, or has not begun.
   */
  resumed: 'waiting' | 'again' | null
  /** What the trainer said of a step that is not recorded yet, and its learning rate so far. */
  told: { step: number; metrics: Metrics } | null
  learningRate: number
  assembly: Assembly | null
  tangents: TangentAssembly | null
  /** By index: the logarithm that re-orthonormalisations have divided out of each tangent vector so far. */
  tangentLogs: number[]
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** @param learningRate that of the run's `meta`, NaN without one */
export function newMember(member: number, learningRate: number): MemberState {
  return {
    member,
    lastStep: null,
    lastAnchor: null,
    firstAnchor: null,
    holdsAnchor: false,
    generation: 0,
    passed: 0,
    summed: 0,
    span: 0,
    stride: Number.NaN,
    sure: member === 0,
    anchored: false,
    gapNext: false,
    anchorNext: false,
    breakNext: false,
    closed: false,
    inside: false,
    resumed: null,
    told: null,
    learningRate,
    assembly: null,
    tangents: null,
    tangentLogs: [],
    frames: 0,
    steps: 0,
    gaps: 0,
    duplicates: 0,
    skipped: 0,
    nonFinite: 0,
    anchors: 0,
    driftAtAnchor: Number.NaN,
    anchorNorm: Number.NaN,
  }
}

/**
 * Whether a frame's step was seen before the resume. A stream that is sent again begins with the run's first anchor or
 * without one; with any other anchor a trainer went on from its own checkpoint. Metrics and tangents tell neither.
 */
export function seenBefore(state: MemberState, kind: Frame['kind'], step: number): boolean {
  if (state.resumed === null || state.lastStep === null || step > state.lastStep) return false
  if (state.resumed === 'waiting' && kind === 'anchor' && step !== state.firstAnchor) return false
  if (kind === 'anchor' || kind === 'delta') state.resumed = 'again'
  return true
}

/**
 * What becomes of a step's parts: undefined if they are used.
 *
 * @throws E_STEP when a delta goes back without an anchor that announces it, E_OPEN where two programs seem to write
 */
export function passedOver(
  state: MemberState,
  frame: DeltaFrame | AnchorFrame,
  select: Select
): Assembly['unused'] {
  const { step } = frame
  if (state.closed) return 'closed'
  if (seenBefore(state, frame.kind, step)) return 'seen'
  state.resumed = null
  const isAfter = step > (select.to ?? Infinity)
  // After the selection the weights move unseen: an anchor there would be taken for drift.
  if (frame.kind === 'anchor') {
    if (state.inside && step === state.lastAnchor && step === state.lastStep) {
      throw twoWriters(state, frame)
    }
    return isAfter ? 'after' : undefined
  }
  if (state.lastStep !== null) {
    if (state.inside && step <= state.lastStep && step !== state.lastAnchor) {
      throw twoWriters(state, frame)
    }
    if (step === state.lastStep) return 'repeat'
    if (step < state.lastStep) {
      throw new ThalwegError(
        'E_STEP',
        `member ${state.member}: step ${step} comes after step ${state.lastStep}. Steps must grow; send an anchor first where the trainer went back.`,
        { offset: frame.offset }
      )
    }
  }
  if (step < select.from) return 'before'
  return isAfter ? 'after' : undefined
}

/**
 * A run whose `open` came inside another one is of a trainer that was started again, and its steps grow; or of two programs
 * that write into one pipe, and then every step comes twice.
 */
function twoWriters(
  { member, lastStep }: MemberState,
  frame: DeltaFrame | AnchorFrame
): ThalwegError {
  return new ThalwegError(
    'E_OPEN',
    `member ${member}: the ${frame.kind} of step ${frame.step} comes after step ${lastStep}, in a run whose "open" came inside another run. Do two programs write into one pipe? Let one of them write (rank 0), or give each a pipe of its own.`,
    { offset: frame.offset }
  )
}

/** What a delta starts from: the last step, the last anchor when steps have come since, or a step that is not known. */
export function startOf(
  { lastStep, lastAnchor }: MemberState,
  base: number | undefined
): 'step' | 'anchor' | 'gap' {
  if (base === undefined || lastStep === null || base === lastStep) return 'step'
  return base === lastAnchor ? 'anchor' : 'gap'
}

export function markGap(state: MemberState): void {
  state.gaps++
  state.gapNext = true
  state.breakNext = true
}
