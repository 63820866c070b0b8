import { triangleSize } from '../../linalg/triangular.ts'
import { Delays, type Header, ThalwegError } from '../../stage/index.ts'
import type { KoopmanOptions, KoopmanShape } from './spec.ts'

/** Most stretches into which the fitted steps are cut: when there are this many, neighbours join. */
export const mostStretches = 32

/** Most numbers in a row: the work grows with their square, and in a summary with their cube. */
const mostNumbers = 1025

/** Layout of successive positions as rows [1 z(t - d - 1) .. z(t)]; the 1 is there only with an intercept. */
export interface Layout {
  /** Number of coordinates r of a position. */
  readonly size: number
  /** Number of positions in a row: delays d, plus 2. */
  readonly depth: number
  /** 1 with an intercept, else 0: the index at which the first position begins. */
  readonly first: number
  /** Numbers in a row, `first` + r (d + 2). */
  readonly width: number
  /** Numbers that the map acts on, r (d + 1): it maps all positions but the last to all but the first. */
  readonly state: number
}

/** @throws E_CONFIG if a row would be too long */
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

/** State that outlives a step. */
export type KoopmanHeader = Header<ReturnType<typeof headerShape>>

export function headerShape(shape: KoopmanShape, options: KoopmanOptions) {
  const { size, depth, width } = layoutOf(shape, options)
  const triangle = triangleSize(width)
  const turning = options.coordinates === 'directions'
  return {
    words: [
      /** Number of closed stretches, number of recorded steps in each, and in the open stretch. */
      'stretches',
      'span',
      'filled',
      /** Rows in the open stretch and in all closed ones, each counted by its weight. */
      'openRows',
      'closedRows',
      /** Number of recorded steps that brought rows, and the same at the end of the last closed stretch. */
      'taken',
      'closedAt',
      /** Number of steps whose rows were left out because the steps were not evenly spaced. */
      'uneven',
      /** Last trainer step in the rows, and the number of trainer steps between recorded ones. */
      'to',
      'spacing',
      /** Squared lengths of all steps since the last break, and of their parts in the coordinates. */
      'moved',
      'captured',
      /** Squared length that the rows have lost by turning. */
      'lost',
    ],
    lists: {
      delays: membersOf(shape, options.pool).length * Delays.length(depth, size),
      /** Member 0's position in the directions. */
      position: turning ? size : 0,
      /** Norms of the factor's columns after the last full block. */
      scales: turning && options.shapes > 0 ? size : 0,
      /** Triangular factors: of the open stretch, of all closed ones together, of each closed one. */
      open: triangle,
      closed: triangle,
      factors: mostStretches * triangle,
      /** For each closed stretch: how the basis turned from its end to the end of the next one, or until now. */
      turns: turning ? mostStretches * size * size : 0,
      /** For each closed stretch: `taken` at its end, its rows, and the step before its first row. */
      ends: mostStretches,
      rows: mostStretches,
      starts: mostStretches + 1,
    },
  } as const
}
