import { ThalwegError } from '../../error.ts'
import type { Ledger } from '../../stage/block.ts'
import type { AnchorFrame, DeltaFrame, Frame, Metrics } from '../../wire/frame.ts'
import type { Select } from '../settings/fields.ts'
import type { Cursor } from './landing.ts'
import type { TangentAssembly } from './tangents.ts'
import type { Unusable } from './unusable.ts'

/** A step whose parts are still coming in. */
export interface Assembly {
  readonly kind: 'delta' | 'anchor'
  readonly step: number
  /** The entry of the timeline for the delta; -1 if the delta does not land in a column. */
  entry: number
  /** Why the parts are skipped, if they are. */
  readonly unused?: 'repeat' | 'before' | 'after' | 'unpaired' | 'closed' | 'seen'
  readonly cursor: Cursor
  base?: number
  stride?: number
  epoch?: number
  unusable?: Unusable
}

/** What a run keeps of one member beside its columns. It is plain data and saved unchanged. */
export interface MemberState extends Mutable<Ledger> {
  readonly member: number
  lastStep: number | null
  lastAnchor: number | null
  firstAnchor: number | null
  /** Whether the last anchor is still complete in memory. The next anchor overwrites it, and may turn out to be unusable. */
  holdsAnchor: boolean
  /** Counts restarts from an earlier step. This distinguishes two passes over the same step. */
  generation: number
  /** Entries of the timeline that this member has passed. */
  passed: number
  /** Number of deltas summed into the next recorded step, and the number of the trainer's steps that they span. */
  summed: number
  span: number
  /** Number of the trainer's steps in the last recorded step; NaN before the first. */
  stride: number
  /** Whether the position before the block is known. */
  sure: boolean
  /** True once an anchor has set w0 (member 0) or the separation (other members). */
  anchored: boolean
  /** Marks for the next column. */
  gapNext: boolean
  anchorNext: boolean
  breakNext: boolean
  closed: boolean
  /** Whether the run's `open` came inside another run. */
  inside: boolean
  /**
   * What is known of the stream after a resume that may repeat steps. `waiting`: nothing yet. `again`: it repeats steps that were
   * seen. `null`: a new step has come, or there was no resume.
   */
  resumed: 'waiting' | 'again' | null
  /** What the trainer reported for a step that is not recorded yet, and the learning rate so far. */
  told: { step: number; metrics: Metrics } | null
  learningRate: number
  assembly: Assembly | null
  tangents: TangentAssembly | null
  /** By index: the logarithm of all that re-orthonormalisations have divided out of each tangent vector so far. */
  tangentLogs: number[]
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** @param learningRate the learning rate of the run's `meta`, NaN if it has none */
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
 * Whether a frame's step was seen before the resume. A stream that is sent again begins with the run's first anchor, or with no
 * anchor. If it begins with another anchor, a trainer continued from its own checkpoint. Metrics and tangents do not settle which
 * it is.
 */
export function seenBefore(state: MemberState, kind: Frame['kind'], step: number): boolean {
  if (state.resumed === null || state.lastStep === null || step > state.lastStep) return false
  if (state.resumed === 'waiting' && kind === 'anchor' && step !== state.firstAnchor) return false
  if (kind === 'anchor' || kind === 'delta') state.resumed = 'again'
  return true
}

/**
 * Why a step's parts are skipped; undefined if they are used.
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
  // After the end of the selection the weights move unseen, so an anchor there would look like drift.
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
 * A run whose `open` came inside another run has one of two causes. Either a trainer was restarted, and its steps increase. Or two
 * programs write into one pipe, and then every step comes twice.
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

/** What a delta starts from: the last step, the last anchor (if steps have come since), or an unknown step. */
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
