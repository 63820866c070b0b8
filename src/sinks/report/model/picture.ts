import type { StandingAlert, Summary } from '../../../engine/summary.ts'
import type { AnyValues, Figures } from '../../../spec/figures.ts'
import type { Sentence } from '../../../stage/define.ts'
import type { Compared } from './compared.ts'
import type { Lane } from './lanes.ts'
import type { Series } from './series.ts'

/** What is told of a type of summary, as data. */
export interface Told {
  readonly type: string
  readonly summary: string
  readonly asks: string
  readonly figures: Figures
}

/** A summary, and what its stage says of it. */
export interface Heard {
  readonly summary: Summary
  readonly said: readonly Sentence[]
  /** Where it was read, such as a file: runs of one name from elsewhere are others. */
  readonly origin: string
  /** Alerts from before it, where it is the first since a run was loaded. */
  readonly standing?: readonly StandingAlert[]
}

/** The latest of a scope, and how its numbers came there. */
export interface ScopePicture {
  readonly scope: string
  step: number
  values: AnyValues
  said: readonly Sentence[]
  /** Ids of the latest summary's alerts. */
  alerts: readonly string[]
  /** Absent where there are too many scopes to follow each. */
  readonly series?: Series
}

/** All that one stage says of one member. */
export interface SectionPicture {
  readonly stage: string
  readonly type: string
  readonly member: number
  readonly scopes: ScopePicture[]
  /** Scopes beyond the most that are kept. */
  left: number
}

/** The trainer's own figures of a member. */
export interface MetricsPicture {
  readonly member: number
  readonly names: string[]
  /** Lines are keyed by the place of their name: a stranger chose it. */
  readonly series: Series
  readonly last: ({ value: number; step: number } | null | undefined)[]
}

export interface RunPicture {
  readonly run: string
  readonly origin: string
  /** Its place among all runs that came, from 1. */
  readonly number: number
  /** When it last spoke, in summaries of all runs. */
  heard: number
  from: number
  step: number
  /** Present once the run has ended. */
  end?: { readonly values: AnyValues; readonly environment?: AnyValues }
  readonly sections: SectionPicture[]
  readonly metrics: MetricsPicture[]
  readonly alerts: Lane[]
}

/** A run of which only this is kept. */
export interface ListedRun {
  readonly run: string
  readonly origin: string
  readonly number: number
  step: number
  /** How it ended; absent while it goes on. */
  end?: unknown
}

/** Everything that a page shows, as plain data of bounded size. */
export interface Picture {
  readonly told: { [type: string]: Told }
  readonly runs: RunPicture[]
  /** Runs that made room for others. */
  readonly listed: ListedRun[]
  /** Runs that came in all, and summaries of them. */
  came: number
  heard: number
  /** What is shown in place of runs, where they were compared. */
  readonly compared?: Compared
}
