import { log } from '../../stage/index.ts'
import type { Exponent } from './exponents.ts'
import { type Curve, fitLine } from './fits.ts'
import { leastFoldings } from './window.ts'

export type Verdict =
  | 'chaotic'
  | 'contracting'
  | 'neutral'
  | 'noise-driven'
  | 'insufficient'
  | 'no-perturbation'
  | 'no-twin'

/** Shears separate twins as t, resonances as t²; a steeper power law is an exponential that is not straight. */
const algebraic = 2

/** Fewest increments of which "no growth" is said: eight batches of eight. */
export const leastNeutral = 64

/** AIC differences beyond this leave the worse model no support (Burnham and Anderson 2002). */
const decisive = 10

/** Diffusion grows as t^½, and more slowly where a contraction holds it: up to this power, noise explains the growth. */
const diffusive = 0.75

/** How well a curve is told by ln d = a + h ln t instead of ln d = a + λ t. */
export interface PowerLaw {
  readonly exponent: number
  /** AIC of the exponential less that of the power law: positive where the power law fits better. */
  readonly deltaAic: number
}

export function comparePowerLaw({ times, logs }: Curve): PowerLaw {
  const n = times.length
  // Logarithms of f64 norms carry about 1e-12 of rounding: a fit cannot be better than that.
  const fitted = (residual: number): number => log(Math.max(residual, n * 1e-24))
  const exponential = fitLine(times, logs)
  const power = fitLine(times.map(log), logs)
  return {
    exponent: power.slope,
    deltaAic: n * (fitted(exponential.residual) - fitted(power.residual)),
  }
}

export interface Evidence {
  readonly twins: number
  /** Whether the members share data order and noise. */
  readonly coupled: boolean
  /** Whether any separation is known, and whether any was not zero. */
  readonly known: boolean
  readonly apart: boolean
  readonly first: Exponent | undefined
  readonly powerLaw: PowerLaw | undefined
  /** Why there is no first exponent. */
  readonly missing: string
}

/** What the evidence supports, and why: the first of the rules below that applies. */
export function verdictOf(evidence: Evidence): ReturnType<typeof verdict<Verdict>> {
  const { twins, coupled, known, apart, first, powerLaw, missing } = evidence
  if (twins === 0) {
    return verdict('no-twin', 'the run has one member; exponents need a perturbed second one')
  }
  if (!known) return verdict('insufficient', missing)
  if (!apart) return verdict('no-perturbation', 'all twins equal member 0 in every weight')
  if (!first || !powerLaw) return verdict('insufficient', missing)
  const [low, high] = first.interval
  const { efoldings } = first
  const increments = first.span.to - first.span.from
  if (high < 0) return verdict('contracting', 'the whole interval is below 0')
  if (!coupled) {
    return verdict(
      'noise-driven',
      'members do not share data order and noise ("coupled" is false), which drives twins apart by itself'
    )
  }
  const { exponent, deltaAic } = powerLaw
  if (growthOf(first.curve) >= leastFoldings && deltaAic > decisive && exponent <= algebraic) {
    const law = `separations grow as t^${exponent.toFixed(2)}, not exponentially`
    return exponent <= diffusive
      ? verdict('noise-driven', `${law}, as independent noise makes them`)
      : verdict('neutral', law)
  }
  if (low <= 0) {
    if (efoldings >= leastFoldings) {
      return verdict(
        'insufficient',
        `the interval holds 0: a change by ${efoldings.toFixed(2)} e-foldings is too uneven`
      )
    }
    return increments < leastNeutral
      ? verdict(
          'insufficient',
          `the interval holds 0, and ${increments} increments are too few to call that neutral`
        )
      : verdict('neutral', 'the interval holds 0')
  }
  if (efoldings < leastFoldings) {
    return verdict(
      'insufficient',
      `growth by ${efoldings.toFixed(2)} e-foldings; ${leastFoldings} are needed`
    )
  }
  return verdict('chaotic', `exponential growth by ${efoldings.toFixed(2)} e-foldings`)
}

const growthOf = ({ logs }: Curve): number => logs.at(-1)! - logs[0]!

/** A verdict and its reason. */
export function verdict<Name extends string>(
  name: Name,
  why: string
): { readonly verdict: Name; readonly why: string } {
  return { verdict: name, why }
}
