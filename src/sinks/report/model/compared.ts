import type { AnyValues, Matrix, MatrixFigure, TableFigure } from '../../../spec/figures.ts'

/** A figure and its value, as a page draws it. */
export interface Drawn<Figure, Value> {
  readonly figure: Figure
  readonly value: Value
}

/** How far groups of runs are apart, for a page. */
export interface Compared {
  /** Names of the groups. */
  readonly groups: readonly string[]
  /** Of each pair of groups. */
  readonly verdicts: readonly { readonly text: string; readonly differ: boolean }[]
  /** What stands beside the verdicts: what they are worth, what was not compared and why. */
  readonly notes: readonly string[]
  readonly comparisons: Drawn<TableFigure, readonly AnyValues[]>
  /** Where all runs can be compared with each other, and are three or more. */
  readonly map?: {
    readonly figure: string
    /** Share of what sets the runs apart that the plane shows. */
    readonly shown: number
    readonly runs: readonly MappedRun[]
  }
  readonly distances?: Drawn<MatrixFigure, Matrix>
}

export interface MappedRun {
  readonly group: string
  readonly run: string
  readonly x: number
  readonly y: number
}
