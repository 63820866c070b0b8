import { type Limits, singleTurnError, storageError, storageUnit } from '../errors/bounds.ts'
import { couplingAfter, isWeak } from '../errors/coupling.ts'
import { meanSquare, spread } from '../errors/rounding.ts'
import type { Small } from '../small.ts'
import type { Solution } from '../solve.ts'
import { type Elimination, elimination } from './eliminate.ts'

/** How the kept directions of a block are stored: by their own columns, or by other columns that span them. */
export interface Stored {
  /** Bound of ‖P‖_F, where P is the rounding of B. */
  readonly rounded: number
  /** An estimate of the squared effect of this rounding on each direction. */
  readonly noise: Float64Array
  readonly elimination?: Elimination
}

/** A block to be stored. */
export interface Storing {
  /** The weights of all columns of M in the kept directions, by rows. */
  readonly v: Float64Array
  /** Bounds of the squared norms of the columns of M. */
  readonly squares: Float64Array
  readonly solution: Solution
  readonly kept: number
  /** Bound of the error of the eigenvalues by rounding. */
  readonly error: number
  readonly rank: number
  readonly small: Small
}

/**
 * Cost of an elimination's small work, in products over rows: once, and for each product of its pivots. With f32, products over rows cost
 * half as much.
 */
const spent = { once: 1.5e6, each: 32 } as const

/**
 * Whether an elimination saves more than its small work costs, for `rows` rows of M with `size` columns: it saves 2 `kept`² products per
 * row, and its pivots take (`size` + `kept`) `kept`².
 */
export const isLarge = (rows: number, size: number, kept: number, single: boolean): boolean =>
  rows >= (single ? 2 : 1) * (spent.once / kept ** 2 + spent.each * (size + kept))

/** An elimination may round at most this many times as much as a rotation. */
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
 * Stores in the way that is less work: eliminates if the factor is full, if there are enough rows, and if the rounding is at most four
 * times as much and leaves the products of B's columns known well enough for the next block.
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
