import { triangleSize } from '../../linalg/triangular.ts'
import { Delays, type Header, ThalwegError } from '../../stage/index.ts'
import type { KoopmanOptions, KoopmanShape } from './spec.ts'

/** Stretches that the fitted steps are cut into, at most: where there are so many, neighbours join. */
export const mostStretches = 32

/** Numbers in a row at most: work grows with their square, in a summary with their cube. */
const mostNumbers = 1025

/** How successive positions are laid out as rows [1 z(t - d - 1) .. z(t)]; without an intercept there is no 1. */
export interface Layout {
  /** Coordinates r of a position. */
  readonly size: number
  /** Positions in a row: delays d and 2. */
  readonly depth: number
  /** 1 with an intercept, else 0: where the first position begins. */
  readonly first: number
  /** All numbers of a row, `first` + r (d + 2). */
  readonly width: number
  /** Those that the map acts on, r (d + 1): all positions but the last, and it gives all but the first. */
  readonly state: number
}

/** @throws E_CONFIG where a row would be too long */
export function layoutOf(shape: KoopmanShape, options: KoopmanOptions): Layout {
  const { scope, facts } = shape
  const kept = options.coordinates === 'weights' ? Infinity : facts.gram!.columns
  const size = Math.min(kept, scope.rows)
  const depth = options.delays + 2
  const first = options.intercept ? 1 : 0
  const width = first + size * depth
  if (width > mostNumbers) {
    const what = options.coordinates === 'weights' ? 'weights' : 'directions'
    throw new ThalwegError(
      'E_CONFIG',
      `stage koopman on ${scope.name}: ${size} ${what} at ${depth} successive steps are ${size * depth} numbers, at most ${mostNumbers - 1} can be fitted. ${options.coordinates === 'weights' ? 'Choose fewer with "select", or name an svd in "on"' : 'Lower "columns" of the svd'}, or lower "delays".`
    )
  }
  return { size, depth, first, width, state: size * (depth - 1) }
}

/** Members whose positions go into one map. */
export function membersOf({ open, member, isNull }: KoopmanShape, pool: boolean): number[] {
  if (!pool || isNull) return [member]
  return Array.from({ length: open.members }, (_, m) => m)
}

/** What outlives a step. */
export type KoopmanHeader = Header<ReturnType<typeof headerShape>>

export function headerShape(shape: KoopmanShape, options: KoopmanOptions) {
  const { size, depth, width } = layoutOf(shape, options)
  const triangle = triangleSize(width)
  const turning = options.coordinates === 'directions'
  return {
    words: [
      /** Closed stretches, the recorded steps in each, and those in the stretch that is open. */
      'stretches',
      'span',
      'filled',
      /** Rows in the open stretch and in all closed ones, each weighted like the row itself. */
      'openRows',
      'closedRows',
      /** Recorded steps that brought rows, and as many by the end of the last closed stretch. */
      'taken',
      'closedAt',
      /** Steps whose rows were left out since they were not evenly spaced. */
      'uneven',
      /** Last step of the trainer in the rows, and steps between two recorded ones. */
      'to',
      'spacing',
      /** Squared lengths of all steps since the last break, and of their parts in the coordinates. */
      'moved',
      'captured',
      /** What the rows have lost of their squared length by turning. */
      'lost',
    ],
    lists: {
      delays: membersOf(shape, options.pool).length * Delays.length(depth, size),
      /** Member 0's position in the directions. */
      position: turning ? size : 0,
      /** Norms of the factor's columns as the last full block left them. */
      scales: turning && options.shapes > 0 ? size : 0,
      /** Triangular factors: of the open stretch, of all closed ones together, of each. */
      open: triangle,
      closed: triangle,
      factors: mostStretches * triangle,
      /** By closed stretch: how the basis turned from its end to the end of the next, or until now. */
      turns: turning ? mostStretches * size * size : 0,
      /** By closed stretch: `taken` at its end, its rows, and the step before its first row. */
      ends: mostStretches,
      rows: mostStretches,
      starts: mostStretches + 1,
    },
  } as const
}
