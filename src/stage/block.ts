import type { Segment } from './scope.ts'

/** One recorded step of one member within a block. */
export interface Mark {
  /** False if the member has no delta for this step. Then the column is zero. */
  readonly present: boolean
  /** True if a window must close before this column: at a gap, a large drift at an anchor, or a restart. */
  readonly breaks: boolean
  /** False if the position after this column is unknown (after a gap, until the next anchor). */
  readonly sure: boolean
}

/** What the trainer reported for a recorded step. */
export interface StepFacts {
  /** The trainer's own figures, by the names that it gave them; empty if it reported nothing. */
  readonly metrics: { readonly [name: string]: number }
  /** `metrics.learningRate` of this step, or of the last step before it that had one, else `meta.learningRate`; NaN if there is none. */
  readonly learningRate: number
  /** Number of the trainer's steps that the column adds up. */
  readonly stride: number
}

/** One tangent vector of a member, with a column for each recorded step. Where its logarithm is NaN the column is zero or stale. */
export interface TangentColumns {
  /** Address of the first column's first row. The stride is that of the member's columns. */
  readonly pointer: number
  /** By column: logarithm of what was divided out of the vector so far; NaN if no vector came with the step. */
  readonly logs: readonly number[]
}

/** A member's columns in a block: deltas for member 0, differences from member 0's deltas for another member. */
export interface MemberColumns {
  /** Address of the first column's first row; column j begins `j * stride` bytes further. */
  readonly pointer: number
  readonly stride: number
  readonly elementBytes: 4 | 8
  readonly marks: readonly Mark[]
  /** By column. */
  readonly facts: readonly StepFacts[]
  /** Address of the separation w_m - w_0 (f64 per row) before column 0; 0 if it is not kept. */
  readonly separation: number
  /** True once both members have had an anchor at the same step. */
  readonly separated: boolean
  /** Tangent vectors by index, as many as stages ask for. */
  readonly tangents: readonly TangentColumns[]
  /** Why the member's window closed for good: the member ended, or its values became non-finite. */
  readonly closed?: 'ended' | 'non-finite'
}

/** Figures that the engine keeps of a member's frames, counted from the start. */
export interface Ledger {
  readonly frames: number
  readonly steps: number
  readonly gaps: number
  readonly duplicates: number
  readonly skipped: number
  readonly nonFinite: number
  readonly anchors: number
  /** Relative drift at the last anchor, ‖predicted - anchor‖ / ‖anchor‖; NaN before the second one. */
  readonly driftAtAnchor: number
  /** ‖w‖ at the last anchor; NaN before the first. */
  readonly anchorNorm: number
}

/** `b` recorded steps with their columns; fewer at a peek. Addresses are in this shard's memory. */
export interface Block {
  readonly index: number
  /** Columns in this block. */
  readonly length: number
  /** Recorded steps before this block. */
  readonly before: number
  readonly steps: readonly number[]
  readonly epochs: readonly (number | undefined)[]
  of(member: number): MemberColumns
  ledger(member: number): Ledger
  /** Addresses of member 0's position before column 0, high and low f32 per row; 0 if no stage asked for it. */
  readonly positions: { readonly high: number; readonly low: number }
  /** Address of w0 (f32 per row); 0 if no anchor has come or no stage asked for it. */
  readonly weights: number
  /**
   * Writes member 0's weights after a column (-1: before the first column) to `out`, as f64. They are those of `tiles` tiles of
   * this shard's columns, from `tile` on. If no anchor has come, positions are written instead.
   */
  weightsAfter(column: number, rows: Pick<Segment, 'tile' | 'tiles'>, out: number): void
}
