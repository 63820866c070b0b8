import type { Alert, Outcome, Values } from '../../engine/stage.ts'
import type { Json } from '../../wire/frame.ts'
import { whyOf } from '../why.ts'
import type { Exponent } from './exponents.ts'
import { growthAlert, intervalsOf, named, valuesOf } from './interval.ts'
import type { Series } from './series.ts'
import type { Measures } from './verdict/measures.ts'
import type { Judgement } from './verdict/rules.ts'
import { type Stand, standingValues } from './verdict/standing.ts'

/** What a method hands over to be reported. */
export interface Findings {
  readonly method: string
  /** What the method's exponents speak of, and what they cannot see. */
  readonly sees: string
  readonly series: Series
  readonly exponents: readonly (Exponent | undefined)[]
  /** What the last look said, and what stands. */
  readonly judgement: Judgement
  readonly stand: Stand
  /** Values of the method's own. */
  readonly figures?: Values
  /** What else a reader must know to judge the figures. */
  readonly notes?: readonly (string | false | undefined)[]
}

/** The values of a summary: see the stage's README for each. */
export function report(findings: Findings): Outcome {
  const { method, sees, series, exponents, judgement, stand, figures, notes = [] } = findings
  const [first] = exponents
  const { measures } = judgement
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
      powerLaw: measures ? { ...measures.powerLaw } : null,
      ...measured(measures),
      ...figures,
      ...standingValues(stand, { verdict: judgement.verdict, why: why! }),
    },
    alerts: first ? alertsOf(stand, first) : [],
  }
}

/** How the growth is made up that a verdict was read from. */
function measured(measures: Measures | undefined): Values {
  const { spread, motion, agreements = [] } = measures ?? {}
  const [pair] = agreements
  return {
    evenParts: spread ? Math.abs(spread.parts) : null,
    burstShare: spread?.burst ?? null,
    correlationTime:
      spread && measures ? (spread.correlation * measures.steps) / spread.increments : null,
    sizeRatio: pair?.ratio ?? null,
    sizeDifference: pair ? Math.sqrt(pair.eighths) : null,
    paceGain: motion?.paceGain ?? null,
  }
}

function alertsOf({ verdict }: Stand, first: Exponent): Alert[] {
  if (verdict === 'chaotic') {
    return [growthAlert('ftle/chaotic', 'nearby runs part exponentially: exponent', first)]
  }
  if (verdict === 'diverging') {
    return [
      growthAlert('ftle/diverging', 'the run and its twins run away: exponent', first, 'warn'),
    ]
  }
  return []
}

function stepsOf(series: Series, exponent: Exponent | undefined): Json {
  return exponent ? [series.step(exponent.span.from), series.step(exponent.span.to)] : null
}
