import type { Complex } from '../../linalg/eigenvalues.ts'
import { principal } from '../../linalg/principal.ts'
import type { Interval } from '../../stage/index.ts'
import { type Fit, fitOf } from './fitting/fit.ts'
import { type Moments, stretchMoments } from './fitting/moments.ts'
import type { Solver } from './fitting/solver.ts'
import type { Stretches, Whole } from './fitting/stretches.ts'
import { totalEigenvalues } from './fitting/total.ts'
import type { Layout } from './layout.ts'
import { type Resampled, resample } from './resample.ts'
import type { KoopmanOptions } from './spec.ts'
import { type Mode, modesOf } from './spectrum.ts'
import { type ModeVerdict, modeVerdict } from './verdicts.ts'

/** Everything that is computed from the rows at once; `found` is undefined if they give no spectrum. */
export interface Analysis {
  readonly whole: Whole
  /** First and last step of the trainer in the rows; null if there are no rows. */
  readonly steps: Interval | null
  /** Number of trainer steps between recorded ones. */
  readonly spacing: number
  readonly fit: Fit | undefined
  readonly found: Found | undefined
}

export interface Found {
  readonly fit: Fit
  /** Sorted by modulus, largest first, each with its verdict. */
  readonly modes: readonly (Mode & { readonly verdict: ModeVerdict })[]
  /** By total least squares, each at the place of the mode that it is nearest to. */
  readonly total: readonly Complex[] | undefined
  readonly moments: readonly Moments[]
  readonly resampled: Resampled | undefined
}

/** @param cut directions shorter than this share of the longest are rounding */
export function analysisOf(
  stretches: Stretches,
  layout: Layout,
  options: KoopmanOptions,
  cut: number,
  solver: Solver
): Analysis {
  const { steps, spacing } = stretches
  const whole = stretches.whole()
  const fit = fitOf(whole.factor, layout, options.modes, cut, solver)
  return {
    whole,
    steps,
    spacing,
    fit,
    found: fit && foundOf(stretches, layout, options, whole, fit, solver),
  }
}

function foundOf(
  stretches: Stretches,
  { width, first, ...rest }: Layout,
  options: KoopmanOptions,
  { rows }: Whole,
  fit: Fit,
  solver: Solver
): Found | undefined {
  const values = rows > fit.modes + first ? modesOf(fit, rows, first) : undefined
  if (!values) return undefined
  const leading = principal(fit.pairs, width - first, 2 * fit.modes, 0, solver.rowSweeps)
  const total = leading && totalEigenvalues(leading.vectors, fit.modes, solver)
  const matched = total && solver.assigned(values, total)
  const moments = stretchMoments(stretches.each(), fit, { width, first, ...rest })
  const modes = values.map((mode) => ({
    ...mode,
    verdict: modeVerdict(mode, rows, fit.modes, options.delays),
  }))
  // Only real modes are used to compare the estimators.
  const held = modes.some(({ verdict }) => verdict === 'real') ? matched : undefined
  const resampled = resample(moments, fit, first, values, held, options, solver)
  return { fit, modes, total: matched, moments, resampled }
}
