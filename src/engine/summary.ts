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

/** An alert of a rule that was raised and not withdrawn. */
export interface StandingAlert {
  readonly alert: Alert
  readonly scope: string
  /** The step at which it was raised. */
  readonly step: number
}

/** One line of output: what a stage reports for a scope at a step. */
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
  /** The values of the figures that the type declares. */
  readonly values: AnyValues
  readonly alerts: readonly Alert[]
  /** Facts that differ from run to run of the program; only on the final `run` summary. */
  readonly environment?: AnyValues
}

/** What `analyse` emits: the summaries of a block. `columns` is valid only while the block is being emitted. */
export interface AnalysedBlock {
  readonly run: string
  /** First and last step of the block. */
  readonly from: number
  readonly to: number
  /** True for the last emission of a run. */
  readonly final: boolean
  readonly summaries: readonly Summary[]
  /** Alerts raised before the run was loaded that still stand. They are in its first block, for sinks that start afresh. */
  readonly standing?: readonly StandingAlert[]
  /** The `open` frame of the run. Stored summaries lack it, and so do runs whose shards have threads of their own. */
  readonly open?: OpenFrame
  /** The recorded steps of the block. Empty if only summaries are due, or if shards have threads of their own. */
  readonly columns: readonly ColumnView[]
}

/** The spec of each type of summary, by type. */
export type SummarySpecs = ReadonlyMap<string, SummarySpec>

/**
 * JSON of a summary: keys in a fixed order, -0 as 0, and non-finite values as null. The stage explains in `values.why` a figure
 * that can be non-finite. Control and bidirectional characters of names are escaped.
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
