import type { AnyValues, Matrix, MatrixFigure, TableFigure } from '../../../spec/figures.ts'

/** A figure and its value, ready to be drawn. */
export interface Drawn<Figure, Value> {
  readonly figure: Figure
  readonly value: Value
}

/** How different groups of runs are, for a page. */
export interface Compared {
  /** Names of the groups. */
  readonly groups: readonly string[]
  /** The verdict for each pair of groups. */
  readonly verdicts: readonly { readonly text: string; readonly differ: boolean }[]
  /** Notes beside the verdicts: how far to trust them, and what was not compared and why. */
  readonly notes: readonly string[]
  readonly comparisons: Drawn<TableFigure, readonly AnyValues[]>
  /** Present if there are three or more runs and all can be compared with each other. */
  readonly map?: {
    readonly figure: string
    /** The share of the differences between the runs that the plane shows. */
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
