import { plain } from '../plain.ts'
import type { AnyValues } from '../spec/figures.ts'
import type { Level, SummarySpec } from '../stage/define.ts'
import type { OpenFrame } from '../wire/frame.ts'
import type { ColumnView } from './analysis/views.ts'

export interface Alert {
  /** `<type>/<condition>`, stable. */
  readonly id: string
  readonly level: Level
  readonly message: string
}

/** An alert of a rule that was raised and has not been withdrawn. */
export interface StandingAlert {
  readonly alert: Alert
  readonly scope: string
  /** Where it was raised. */
  readonly step: number
}

/** One line of output: what a stage says of a scope at a step. */
export interface Summary {
  readonly schema: 'thalweg.summary/1'
  readonly run: string
  /** Stage id, or `metrics`, `run`. */
  readonly stage: string
  readonly type: string
  readonly scope: string
  readonly member: number
  readonly step: number
  readonly epoch?: number
  /** Frames of the run seen so far. */
  readonly frames: number
  /** The figures that the type declares. */
  readonly values: AnyValues
  readonly alerts: readonly Alert[]
  /** Volatile facts; on the final `run` summary alone. */
  readonly environment?: AnyValues
}

/** What `analyse` emits: the summaries of a block. Its `columns` are valid only while it is being emitted. */
export interface AnalysedBlock {
  readonly run: string
  /** First and last step of the block. */
  readonly from: number
  readonly to: number
  /** True for the last emission of a run. */
  readonly final: boolean
  readonly summaries: readonly Summary[]
  /** Alerts from before a run was loaded that stand still: in its first block, for sinks that begin anew. */
  readonly standing?: readonly StandingAlert[]
  /** What the trainer said when the run began; absent of stored summaries, and where shards have threads of their own. */
  readonly open?: OpenFrame
  /** The recorded steps of the block; none where only summaries are due, or where shards have threads of their own. */
  readonly columns: readonly ColumnView[]
}

/** What is told of each type of summary, by that type. */
export type SummarySpecs = ReadonlyMap<string, SummarySpec>

/**
 * JSON of a summary: keys in a fixed order, -0 as 0, and what is not finite as null. A figure that can be non-finite
 * is explained by its stage in `values.why`. Control and bidirectional characters of names are escaped.
 *
 * @example
 * ```ts
 * for (const summary of block.summaries) console.log(summaryLine(summary))
 * ```
 */
export function summaryLine(summary: Summary): string {
  return plain(
    JSON.stringify(summary, (_key, value: unknown) =>
      typeof value === 'number' ? (Number.isFinite(value) ? value + 0 : null) : value
    )
  )
}
