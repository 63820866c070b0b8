import { type Limits, singleTurnError, storageError, storageUnit } from '../errors/bounds.ts'
import { couplingAfter, isWeak } from '../errors/coupling.ts'
import { meanSquare, spread } from '../errors/rounding.ts'
import type { Small } from '../small.ts'
import type { Solution } from '../solve.ts'
import { type Elimination, elimination } from './eliminate.ts'

/** How a block's kept directions are stored: their columns themselves, or others that span them. */
export interface Stored {
  /** ‖P‖_F at most, P what it rounds of B. */
  readonly rounded: number
  /** An estimate of the square of what it makes of each direction. */
  readonly noise: Float64Array
  readonly elimination?: Elimination
}

/** A block as it is to be stored. */
export interface Storing {
  /** All of M's columns' weights in the kept directions, by rows. */
  readonly v: Float64Array
  /** Bounds of the squared norms of M's columns. */
  readonly squares: Float64Array
  readonly solution: Solution
  readonly kept: number
  /** What rounding can have moved eigenvalues by. */
  readonly error: number
  readonly rank: number
  readonly small: Small
}

/** What the small work of an elimination costs, in products of rows: once, and for each of those of its pivots. f32 saves half as much. */
const spent = { once: 1.5e6, each: 32 } as const

/**
 * Whether an elimination saves more than its small work costs, for `rows` rows of M of `size` columns: it saves 2 `kept`² products a row,
 * and its pivots take (`size` + `kept`) `kept`².
 */
export const isLarge = (rows: number, size: number, kept: number, single: boolean): boolean =>
  rows >= (single ? 2 : 1) * (spent.once / kept ** 2 + spent.each * (size + kept))

/** Times what a rotation rounds that an elimination may. */
const mostRounding = 4

/** Stores the columns themselves. */
export function rotated({ v, squares, solution, kept }: Storing, limits: Limits): Stored {
  const { values } = solution
  const { single, storageBytes } = limits
  const sums = single ? singleTurnError(v, squares, kept) : 0
  const anew = meanSquare * storageUnit[storageBytes] ** 2
  return {
    rounded: sums + storageError(values.subarray(0, kept), limits),
    noise: single
      ? spread(v, kept, kept, squares).map((energy) => (anew * squares.length * energy) / 2)
      : values.slice(0, kept).map((value) => anew * value),
  }
}

/**
 * Stores what is less work: eliminates where the factor is full, there are rows enough, and what it rounds is at most four times as
 * much and leaves the products of B's columns known well enough for the next block.
 */
export function cheapest(storing: Storing, limits: Limits): Stored {
  const whole = rotated(storing, limits)
  const { v, squares, solution, kept, error, rank, small } = storing
  const { values, turn } = solution
  const isGood = ({ rounded }: { rounded: number }): boolean =>
    rounded <= mostRounding * whole.rounded &&
    isWeak(couplingAfter(values[0]!, error, turn + rounded), values, kept, rank, limits)
  const mayPay =
    kept === limits.columns && isLarge(limits.rows, squares.length, kept, limits.single)
  if (!mayPay || !isGood({ rounded: 0 })) return whole
  const found = elimination(v, squares.map(Math.sqrt), values, error, kept, limits, small)
  return found && isGood(found)
    ? { rounded: found.rounded, noise: found.noise, elimination: found }
    : whole
}
