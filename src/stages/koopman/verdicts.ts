import type { KoopmanValues } from './report.ts'
import type { Mode } from './spectrum.ts'

export type ModeVerdict = NonNullable<KoopmanValues['modes']>[number]['verdict']

/** From this residual on, an eigenfunction does not follow its eigenvalue. */
const spurious = 0.9

/** From this condition on, an eigenvalue cannot be told apart from those whose modes are nearly parallel to its own. */
const fragile = 1e3

/** Rows that a map of this many directions needs for its residuals to mean something (Colbrook 2024). */
export const needed = (modes: number): number => 4 * modes

/**
 * @param delays of the positions. Two successive delayed positions share all but one of their parts, so even a mean of pure noise follows
 * some eigenvalue. What counts is the residual once they share none.
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

/** How much a map explains, with its number of directions and rows. */
export interface Telling {
  readonly explained: number
  readonly rank: number
  readonly pairs: number
}

/**
 * Whether the map explains more of the steps than the map of a random walk does, by the odds of the explained share per direction and row.
 * For a walk these odds are near 2, with a relative scatter of at most 1 / k: at most 5 of 100 walks pass this threshold by chance.
 */
export function standsOut(own: Telling, walk: Telling | undefined): boolean {
  const odds = ({ explained, rank, pairs }: Telling): number =>
    ((explained / (1 - explained)) * pairs) / rank
  if (!walk || Number.isNaN(own.explained) || Number.isNaN(walk.explained)) return true
  return odds(own) > (1 + 3 / own.rank) * Math.max(2, odds(walk))
}

/** A relative change per recorded step below this counts as none. */
const least = 1e-6

/**
 * Verdict of the real modes, slowest first, from the intervals of their moduli.
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
