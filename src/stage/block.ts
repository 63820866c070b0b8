import type { Segment } from './scope.ts'

/** One recorded step of one member within a block. */
export interface Mark {
  /** False where the member has no delta for this step; the column is then zero. */
  readonly present: boolean
  /** True where a window must close before this column: a gap, a large drift at an anchor, a restart. */
  readonly breaks: boolean
  /** False where the position after this column is not known (after a gap, until the next anchor). */
  readonly sure: boolean
}

/** What the trainer said of a recorded step. */
export interface StepFacts {
  /** Its own figures, by the names that it gave them; none where it said nothing. */
  readonly metrics: { readonly [name: string]: number }
  /** `metrics.learningRate` of this step or the last one before that had it, else `meta.learningRate`; NaN without any. */
  readonly learningRate: number
  /** Steps of the trainer that the column adds up. */
  readonly stride: number
}

/** One tangent vector of a member, a column for each recorded step; zero or left over where its logarithm is NaN. */
export interface TangentColumns {
  /** Address of the first column's first row; columns lie as far apart as the member's. */
  readonly pointer: number
  /** By column: logarithm of what was divided out of the vector so far; NaN where none came with the step. */
  readonly logs: readonly number[]
}

/** A member's columns in a block: for member 0 its deltas, for another the difference to member 0's. */
export interface MemberColumns {
  /** Address of the first column's first row; column j begins `j * stride` bytes further. */
  readonly pointer: number
  readonly stride: number
  readonly elementBytes: 4 | 8
  readonly marks: readonly Mark[]
  /** By column. */
  readonly facts: readonly StepFacts[]
  /** Address of the separation w_m - w_0 (f64 per row) before column 0; 0 where none is kept. */
  readonly separation: number
  /** True once both members have had an anchor at the same step. */
  readonly separated: boolean
  /** As many as stages ask for, by index. */
  readonly tangents: readonly TangentColumns[]
  /** Why the member's window closed for good: it ended or turned non-finite. */
  readonly closed?: 'ended' | 'non-finite'
}

/** Figures the engine keeps of a member's frames, counted since the start. */
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

/** `b` recorded steps with their columns; fewer at a peek. Addresses are of this shard's memory. */
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
  /** Addresses of member 0's position before column 0, high and low f32 per row; 0 where nobody asked. */
  readonly positions: { readonly high: number; readonly low: number }
  /** Address of w0 (f32 per row); 0 where no anchor has come or nobody asked. */
  readonly weights: number
  /**
   * Writes member 0's weights after a column, or before the first one for -1, as f64 to `out`: of `tiles` tiles of this
   * shard's columns from `tile` on. Positions where no anchor has come.
   */
  weightsAfter(column: number, rows: Pick<Segment, 'tile' | 'tiles'>, out: number): void
}
