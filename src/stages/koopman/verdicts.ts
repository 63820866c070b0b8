import type { KoopmanValues } from './report.ts'
import type { Mode } from './spectrum.ts'

export type ModeVerdict = NonNullable<KoopmanValues['modes']>[number]['verdict']

/** A residual from which on an eigenfunction does not follow its eigenvalue. */
const spurious = 0.9

/** A condition from which on an eigenvalue cannot be told from those whose modes it is parallel to. */
const fragile = 1e3

/** Rows that a map of so many directions needs before its residuals mean something (Colbrook 2024). */
export const needed = (modes: number): number => 4 * modes

export function modeVerdict(
  { residual, condition }: Mode,
  rows: number,
  modes: number
): ModeVerdict {
  if (rows < needed(modes)) return 'unverified'
  if (!(residual < spurious)) return 'spurious'
  return condition < fragile ? 'real' : 'fragile'
}

/**
 * Whether the map tells more of the steps than that of a random walk does. A walk's share is some 2 k / n and scatters by 1 / k
 * of itself or less: this threshold is passed by chance in 5 of 100 walks at most.
 */
export function standsOut(explained: number, walk: number, modes: number, rows: number): boolean {
  if (Number.isNaN(explained) || Number.isNaN(walk)) return true
  return explained > (1 + 3 / modes) * Math.max(walk, (2 * modes) / rows)
}

/** What the moduli of the real modes say, given their intervals. */
export function runVerdict(
  intervals: readonly (readonly [low: number, high: number] | undefined)[],
  out: boolean
): KoopmanValues['verdict'] {
  if (!out) return 'noise'
  if (intervals.length === 0 || intervals.some((interval) => !interval)) return 'insufficient'
  if (intervals.some((interval) => interval![0] > 1)) return 'growing'
  return intervals.every((interval) => interval![1] < 1) ? 'decaying' : 'neutral'
}
