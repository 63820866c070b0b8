import type { StandingAlert, Summary } from '../../../engine/summary.ts'
import type { AnyValues, Figures } from '../../../spec/figures.ts'
import type { Sentence } from '../../../stage/define.ts'
import type { Compared } from './compared.ts'
import type { Lane } from './lanes.ts'
import type { Series } from './series.ts'

/** What is known of a type of summary, as data. */
export interface Told {
  readonly type: string
  readonly summary: string
  readonly asks: string
  readonly figures: Figures
}

/** A summary, and the sentences of its stage about it. */
export interface Heard {
  readonly summary: Summary
  readonly said: readonly Sentence[]
  /** Where it was read, such as a file. Runs of the same name from other places are separate. */
  readonly origin: string
  /** Alerts that were raised before it, if it is the first summary after a run was loaded. */
  readonly standing?: readonly StandingAlert[]
}

/** The latest values of a scope, and how its numbers developed. */
export interface ScopePicture {
  readonly scope: string
  step: number
  values: AnyValues
  said: readonly Sentence[]
  /** Ids of the alerts in the latest summary. */
  alerts: readonly string[]
  /** Absent if there are too many scopes to record each of them. */
  readonly series?: Series
}

/** All results of one stage for one member. */
export interface SectionPicture {
  readonly stage: string
  readonly type: string
  readonly member: number
  readonly scopes: ScopePicture[]
  /** Number of scopes that were dropped because there are too many. */
  left: number
}

/** The trainer's own figures for a member. */
export interface MetricsPicture {
  readonly member: number
  readonly names: string[]
  /** The keys of lines are the indices of their names, because the names may come from strangers. */
  readonly series: Series
  readonly last: ({ value: number; step: number } | null | undefined)[]
}

export interface RunPicture {
  readonly run: string
  readonly origin: string
  /** Its number among all runs that came, from 1. */
  readonly number: number
  /** When its last summary came, as a count of the summaries of all runs. */
  heard: number
  from: number
  step: number
  /** Present once the run has ended. */
  end?: { readonly values: AnyValues; readonly environment?: AnyValues }
  readonly sections: SectionPicture[]
  readonly metrics: MetricsPicture[]
  readonly alerts: Lane[]
}

/** A run that is only listed. */
export interface ListedRun {
  readonly run: string
  readonly origin: string
  readonly number: number
  step: number
  /** How it ended. Absent while it continues. */
  end?: unknown
}

/** Everything that a page shows, as plain data of limited size. */
export interface Picture {
  readonly told: { [type: string]: Told }
  readonly runs: RunPicture[]
  /** Runs that were replaced by newer ones. */
  readonly listed: ListedRun[]
  /** Number of all runs that came, and of all their summaries. */
  came: number
  heard: number
  /** Shown instead of runs, if they were compared. */
  readonly compared?: Compared
}
