import type { Rate } from '../interval.ts'
import { leastNeutral, verdict } from '../verdict.ts'
import { leastFoldings } from '../window.ts'

export type LocalVerdict = 'contracting' | 'expanding' | 'neutral' | 'insufficient'

export interface LocalEvidence {
  /** Largest exponents: (1/n) ln σ_1(Kⁿ) and ln |μ_1|. */
  readonly finite: Rate
  readonly spectral: Rate
  readonly efoldings: number
  readonly pairs: number
  readonly horizon: number
}

/**
 * How far beyond its interval 0 must lie for contraction, in half-widths: least squares sees a random walk contract
 * (Dickey and Fuller 1979), and at this distance it does so in 5 of 100 walks on a line, in fewer with more directions.
 */
const unitRoot = 0.5

/**
 * What an operator's largest exponent says, by ln |μ_1|, which holds in the long run: the first rule that applies. One run
 * shows how it leaves its own path's centre, not whether a neighbour would part from it: it is never `chaotic`.
 */
export function localVerdict(evidence: LocalEvidence): ReturnType<typeof verdict<LocalVerdict>> {
  const { finite, spectral, efoldings, pairs, horizon } = evidence
  const [low, high] = spectral.interval
  if (Number.isNaN(low)) {
    return verdict('insufficient', 'one stretch of the window alone tells ln |μ|')
  }
  if (high + unitRoot * (high - spectral.value) < 0) {
    const grows = finite.interval[0] > 0
    const transient = `; some perturbations grow over ${horizon} steps before (a non-normal operator)`
    return verdict('contracting', `ln |μ| is clearly below 0${grows ? transient : ''}`)
  }
  if (low <= 0) {
    return pairs < leastNeutral
      ? verdict('insufficient', `${pairs} steps are too few to tell ln |μ| from 0`)
      : verdict('neutral', 'ln |μ| is not clearly different from 0: a random walk has the like')
  }
  if (efoldings < leastFoldings) {
    const needed = `growth by ${efoldings.toFixed(2)} e-foldings over the window; ${leastFoldings} are needed`
    return verdict('insufficient', needed)
  }
  return verdict(
    'expanding',
    `the run leaves its path's centre exponentially, by ${efoldings.toFixed(2)} e-foldings; whether neighbours part only twins or tangents can show`
  )
}
