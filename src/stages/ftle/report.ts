import { type Interval, whyOf } from '../../stage/index.ts'
import type { Exponent } from './exponents.ts'
import { growthMessage, intervalsOf, named, valuesOf } from './interval.ts'
import type { Series } from './series.ts'
import type { FtleOutcome, FtleValues } from './spec.ts'
import { comparePowerLaw, verdictOf } from './verdict.ts'

/** What a method hands over to be reported. */
export interface Findings {
  readonly method: FtleValues['method']
  /** What the method's exponents speak of, and what they cannot see. */
  readonly sees: string
  readonly coupled: boolean
  readonly series: Series
  readonly exponents: readonly (Exponent | undefined)[]
  /** Why there is no first exponent, if there is none. */
  readonly missing: string
  /** Values of the method's own. */
  readonly figures?: Partial<FtleValues>
  /** What else a reader must know to judge the figures. */
  readonly notes?: readonly string[]
}

/** The values of a summary: see the stage's README for each. */
export function report(findings: Findings): FtleOutcome {
  const { method, sees, coupled, series, exponents, missing, figures, notes = [] } = findings
  const [first] = exponents
  const powerLaw = first && comparePowerLaw(first.curve)
  const { verdict, why } = verdictOf({
    twins: series.vectors,
    coupled,
    known: series.hasNorm((norm) => norm >= 0),
    apart: series.hasNorm((norm) => norm > 0),
    first,
    powerLaw,
    missing,
  })
  const windows = exponents.map((exponent) => stepsOf(series, exponent))
  const unresolved = named(exponents, (exponent, i) => !exponent && i > 0)
  return {
    values: {
      method,
      sees,
      exponents: valuesOf(exponents),
      intervals: intervalsOf(exponents),
      window: windows[0] ?? null,
      windows,
      efoldings: first?.efoldings ?? 0,
      verdict,
      powerLawExponent: powerLaw?.exponent ?? Number.NaN,
      powerLawDeltaAic: powerLaw?.deltaAic ?? Number.NaN,
      ...figures,
      why: whyOf(
        why,
        first?.collapsed && 'growth collapsed before saturation; the window ends there',
        first && unresolved && `${unresolved} no stretch in which these stay independent`,
        ...notes
      ),
    },
    alerts:
      verdict === 'chaotic'
        ? [
            {
              condition: 'chaotic',
              message: growthMessage('nearby runs part exponentially: exponent', first!),
            },
          ]
        : [],
  }
}

function stepsOf(series: Series, exponent: Exponent | undefined): Interval | null {
  return exponent ? [series.step(exponent.span.from), series.step(exponent.span.to)] : null
}
