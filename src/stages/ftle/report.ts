import { type Interval, whyOf } from '../../stage/index.ts'
import type { Exponent } from './exponents.ts'
import { growthMessage, intervalsOf, named, valuesOf } from './interval.ts'
import type { Series } from './series.ts'
import type { FtleOutcome, FtleValues } from './spec.ts'
import type { Measures } from './verdict/measures.ts'
import type { Verdict } from './verdict/names.ts'
import type { Judgement } from './verdict/rules.ts'
import { type Stand, standingValues } from './verdict/standing.ts'

/** What a method passes on to be reported. */
export interface Findings {
  readonly method: FtleValues['method']
  /** What the method's exponents describe, and what they cannot see. */
  readonly sees: string
  readonly series: Series
  readonly exponents: readonly (Exponent | undefined)[]
  /** The verdict of the last look, and the standing one. */
  readonly judgement: Judgement
  readonly stand: Stand
  /** Values that only this method has. */
  readonly figures?: Partial<FtleValues>
  /** Further notes that a reader needs to judge the figures. */
  readonly notes?: readonly (string | false | undefined)[]
}

/** The values of a summary: see the stage's README for each. */
export function report(findings: Findings): FtleOutcome {
  const { method, sees, series, exponents, judgement, stand, figures, notes = [] } = findings
  const [first] = exponents
  const windows = exponents.map((exponent) => stepsOf(series, exponent))
  const unresolved = named(exponents, (exponent, i) => !exponent && i > 0)
  const why = whyOf(
    judgement.why,
    first && unresolved && `${unresolved} no stretch in which these stay independent`,
    ...notes
  )
  return {
    values: {
      method,
      sees,
      exponents: valuesOf(exponents),
      intervals: intervalsOf(exponents),
      window: windows[0] ?? null,
      windows,
      efoldings: first?.efoldings ?? 0,
      ...measured(judgement.measures),
      ...figures,
      ...standingValues(stand, { verdict: judgement.verdict, why: why! }),
    },
    alerts: first ? alertsOf(stand, judgement.verdict, first) : [],
  }
}

/** The composition of the growth on which a verdict was based. */
function measured(measures: Measures | undefined) {
  const { spread, motion, powerLaw, steps = Number.NaN } = measures ?? {}
  return {
    evenParts: spread ? Math.abs(spread.parts) : Number.NaN,
    burstShare: spread?.burst ?? Number.NaN,
    correlationTime: spread ? (spread.correlation * steps) / spread.increments : Number.NaN,
    paceGain: motion?.paceGain ?? Number.NaN,
    powerLawExponent: powerLaw?.exponent ?? Number.NaN,
    powerLawDeltaAic: powerLaw?.deltaAic ?? Number.NaN,
  }
}

const alarming = {
  chaotic: 'nearby runs move apart exponentially: exponent',
  diverging: 'the run and its twins run away: exponent',
} as const

/** An alert for the standing verdict gives a rate only if the last look has the same verdict. */
function alertsOf({ verdict }: Stand, latest: Verdict, first: Exponent): FtleOutcome['alerts'] {
  if (verdict !== latest || !(verdict === 'chaotic' || verdict === 'diverging')) return []
  return [{ condition: verdict, message: growthMessage(alarming[verdict], first) }]
}

function stepsOf(series: Series, exponent: Exponent | undefined): Interval | null {
  return exponent ? [series.step(exponent.span.from), series.step(exponent.span.to)] : null
}
