import type { KoopmanValues } from './report.ts'
import type { Mode } from './spectrum.ts'

export type ModeVerdict = NonNullable<KoopmanValues['modes']>[number]['verdict']

/** A residual from which on an eigenfunction does not follow its eigenvalue. */
const spurious = 0.9

/** A condition from which on an eigenvalue cannot be told from those whose modes it is parallel to. */
const fragile = 1e3

/** Rows that a map of so many directions needs before its residuals mean something (Colbrook 2024). */
export const needed = (modes: number): number => 4 * modes

/**
 * @param delays of the positions. Two delayed positions share all but one of theirs, so a mean of mere noise follows some
 *   eigenvalue: what counts is the residual once they share none.
 */
export function modeVerdict(
  { re, im, residual, condition }: Mode,
  rows: number,
  modes: number,
  delays: number
): ModeVerdict {
  if (rows < needed(modes)) return 'unverified'
  let growth = 0
  for (let i = 0, power = 1; i <= delays; i++, power *= re * re + im * im) growth += power
  if (!(residual * Math.sqrt(growth) < spurious)) return 'spurious'
  return condition < fragile ? 'real' : 'fragile'
}

/** How much a map tells, in how many directions of how many rows. */
export interface Telling {
  readonly explained: number
  readonly rank: number
  readonly pairs: number
}

/**
 * Whether the map tells more of the steps than that of a random walk does: by the odds of what it tells, for each direction
 * and row that it took. A walk's are near 2 and scatter by 1 / k of themselves or less: this threshold is passed by chance in
 * 5 of 100 walks at most.
 */
export function standsOut(own: Telling, walk: Telling | undefined): boolean {
  const odds = ({ explained, rank, pairs }: Telling): number =>
    ((explained / (1 - explained)) * pairs) / rank
  if (!walk || Number.isNaN(own.explained) || Number.isNaN(walk.explained)) return true
  return odds(own) > (1 + 3 / own.rank) * Math.max(2, odds(walk))
}

/** A change by less in a recorded step is none. */
const least = 1e-6

/**
 * What the real modes say, the slowest first, by the intervals of their moduli.
 *
 * @param out whether the map stands out from that of a random walk
 */
export function runVerdict(
  intervals: readonly (readonly [low: number, high: number] | undefined)[],
  out: boolean
): KoopmanValues['verdict'] {
  const [slowest] = intervals
  if (!out) return 'noise'
  if (!slowest) return 'insufficient'
  if (intervals.some((interval) => interval && interval[0] > 1 + least)) return 'growing'
  return slowest[1] < 1 - least ? 'decaying' : 'neutral'
}
