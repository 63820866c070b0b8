import type { Rate } from '../interval.ts'
import { leastFoldings, type Said, said } from '../verdict/names.ts'

export type LocalVerdict = 'contracting' | 'expanding' | 'neutral' | 'insufficient'

export interface LocalEvidence {
  /** Largest exponents: (1/n) ln σ_1(Kⁿ) and ln |μ_1|. */
  readonly finite: Rate
  readonly spectral: Rate
  readonly efoldings: number
  readonly pairs: number
  readonly horizon: number
  /** Why the operator does not describe the run, if so. */
  readonly misfit: string | undefined
}

/** Fewest steps for the verdict that no exponent differs from 0. */
const leastNeutral = 64

/**
 * How far beyond the interval 0 must be for contraction, in half-widths: by least squares a random walk seems to contract (Dickey and
 * Fuller 1979).
 */
const unitRoot = 0.5

/**
 * Verdict of an operator's largest exponent by ln |μ_1|, which holds in the long run: the first rule that applies. A single run shows how
 * it moves away from the centre of its own path, not whether a neighbour would separate from it. So the verdict is never `chaotic`.
 */
export function localVerdict(evidence: LocalEvidence): Said<LocalVerdict> {
  const { finite, spectral, efoldings, pairs, horizon, misfit } = evidence
  const [low, high] = spectral.interval
  if (misfit) return said('insufficient', misfit)
  if (Number.isNaN(low)) {
    return said('insufficient', 'one stretch of the window alone tells ln |μ|')
  }
  if (high + unitRoot * (high - spectral.value) < 0) {
    const grows = finite.interval[0] > 0
    const transient = `; some perturbations grow over ${horizon} steps before (a non-normal operator)`
    return said('contracting', `ln |μ| is clearly below 0${grows ? transient : ''}`)
  }
  if (low <= 0) {
    return pairs < leastNeutral
      ? said('insufficient', `${pairs} steps are too few to tell ln |μ| from 0`)
      : said('neutral', 'ln |μ| is not clearly different from 0: a random walk has the like')
  }
  if (efoldings < leastFoldings) {
    const needed = `growth by ${efoldings.toFixed(2)} e-foldings over the window; ${leastFoldings} are needed`
    return said('insufficient', needed)
  }
  return said(
    'expanding',
    `the run leaves its path's centre exponentially, by ${efoldings.toFixed(2)} e-foldings; whether neighbours part only twins or tangents can show`
  )
}
