import type { Interval } from '../../../stage/index.ts'
import type { SvdState } from '../state.ts'
import { gramUnit, type Limits, unit, upperBound } from './bounds.ts'

/** The participation ratio e² / Σ σ⁴ of A, and between what it lies for certain. */
export interface Participation {
  readonly ratio: number
  readonly interval: Interval
}

/**
 * Of A the energy e is known, and each σ² to an interval: from what B holds, less rounding, to its upper bound. Σ σ⁴ is least
 * where the rest of e lies evenly in all N directions that A can have, and greatest where the first ones take all of it that
 * their bounds allow. The ratio itself takes for σ² what B holds and is estimated to lack, and the rest to be even.
 */
export function participation(state: SvdState, limits: Limits): Participation {
  const { energy, seen, kept, error, rounding, blocks, squares, missing } = state
  const dimensions = Math.min(limits.rows, seen)
  const doubt = energy * (gramUnit(limits.single) + blocks * unit)
  const held = Array.from(squares.subarray(0, kept))
  const certain = held.map(
    (square) => Math.max(0, Math.sqrt(Math.max(0, square - error)) - rounding) ** 2
  )
  const most = held.map((square) => upperBound(square, state) ** 2)
  const beyond = upperBound(0, state) ** 2
  const high = (energy + doubt) ** 2 / leastFourth(certain, energy - doubt, dimensions)
  const low = (energy - doubt) ** 2 / greatestFourth(certain, most, beyond, energy + doubt)
  const likely = held.map((square, i) => square + missing[i]!)
  const ratio = energy ** 2 / leastFourth(likely, energy, Math.max(1, dimensions - kept))
  const ends = [Math.max(1, low), Math.min(dimensions, high)] as const
  return { ratio: Math.max(ends[0], Math.min(ends[1], ratio)), interval: ends }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Σ σ⁴ where what the values leave of the energy lies evenly in so many more directions; never above the least. */
function leastFourth(values: readonly number[], energy: number, more: number): number {
  const rest = Math.max(0, energy - sum(values))
  return sum(values.map((value) => value * value)) + (rest * rest) / more
}

/** Σ σ⁴ where the rest fills the values up to their bounds, first ones first, then others up to `beyond`. */
function greatestFourth(
  values: readonly number[],
  bounds: readonly number[],
  beyond: number,
  energy: number
): number {
  let rest = Math.max(0, energy - sum(values))
  const filled = values.map((value, i) => {
    const more = Math.min(rest, Math.max(0, bounds[i]! - value))
    rest -= more
    return value + more
  })
  const whole = beyond > 0 ? Math.floor(rest / beyond) : 0
  const left = rest - whole * beyond
  return sum(filled.map((value) => value * value)) + whole * beyond * beyond + left * left
}
