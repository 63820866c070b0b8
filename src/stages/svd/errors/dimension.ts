import type { Interval } from '../../../stage/index.ts'
import type { SvdState } from '../state.ts'
import { gramUnit, type Limits, unit, upperBound } from './bounds.ts'

/** The participation ratio e² / Σ σ⁴ of A, and an interval that certainly contains it. */
export interface Participation {
  readonly ratio: number
  readonly interval: Interval
}

/**
 * The energy e of A is known, and each σ² lies in an interval, from its value in B minus rounding up to its upper bound. Σ σ⁴ is least if
 * the rest of e is spread evenly over all N directions that A can have, and greatest if the first directions take as much of it as their
 * bounds allow. The ratio itself takes as σ² the value in B plus what B is estimated to lack, and spreads the rest evenly.
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

/** Σ σ⁴ if the energy beyond the values is spread evenly over so many more directions; at most the least possible. */
function leastFourth(values: readonly number[], energy: number, more: number): number {
  const rest = Math.max(0, energy - sum(values))
  return sum(values.map((value) => value * value)) + (rest * rest) / more
}

/** Σ σ⁴ if the rest fills the values up to their bounds, starting with the first, then further values up to `beyond`. */
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
