import type { Alert, Outcome, Values } from '../../engine/stage.ts'
import type { Json } from '../../wire/frame.ts'
import type { Exponent } from './exponents.ts'
import type { Series } from './series.ts'
import { comparePowerLaw, verdictOf } from './verdict.ts'

/** What a method hands over to be reported. */
export interface Findings {
  readonly method: string
  /** What the method's exponents speak of, and what they cannot see. */
  readonly sees: string
  /** Twins or tangent vectors. */
  readonly vectors: number
  readonly coupled: boolean
  readonly series: Series
  readonly exponents: readonly (Exponent | undefined)[]
  /** Why there is no first exponent, if there is none. */
  readonly missing: string
  /** Values of the method's own. */
  readonly figures: Values
  /** What else a reader must know to judge the figures. */
  readonly notes: readonly string[]
}

/** The values of a summary: see the stage's README for each. */
export function report(findings: Findings): Outcome {
  const { method, sees, vectors, coupled, series, exponents, missing } = findings
  const [first] = exponents
  const powerLaw = first && comparePowerLaw(first.curve)
  const { known, apart } = sightOf(series)
  const { verdict, why } = verdictOf({
    twins: vectors,
    coupled,
    known,
    apart,
    first,
    powerLaw,
    missing,
  })
  const windows = exponents.map((exponent) => stepsOf(series, exponent))
  const unresolved = exponents.flatMap((exponent, i) => (exponent || i === 0 ? [] : [i + 1]))
  const reasons = [
    why,
    ...(first?.collapsed ? ['growth collapsed before saturation; the window ends there'] : []),
    ...(first && unresolved.length > 0
      ? [`exponent ${unresolved.join(', ')}: no stretch in which these stay independent`]
      : []),
    ...findings.notes,
  ]
  return {
    values: {
      method,
      sees,
      exponents: exponents.map((exponent) => exponent?.value ?? null),
      intervals: exponents.map((exponent) => exponent?.interval ?? null),
      window: windows[0] ?? null,
      windows,
      efoldings: first?.efoldings ?? 0,
      verdict,
      powerLaw: powerLaw ? { ...powerLaw } : null,
      ...findings.figures,
      why: reasons.join('; '),
    },
    alerts: verdict === 'chaotic' ? [chaosAlert(first!)] : [],
  }
}

function chaosAlert({ value, interval: [low, high] }: Exponent): Alert {
  const figures = [value, low, high].map((figure) => figure.toPrecision(3))
  return {
    id: 'ftle/chaotic',
    level: 'info',
    message: `nearby runs part exponentially: exponent ${figures[0]} per step, 95 % interval ${figures[1]} to ${figures[2]}`,
  }
}

/** Whether any separation is known, and whether any was not zero; before the first point both are left open. */
function sightOf(series: Series): { known: boolean; apart: boolean } {
  let known = false
  let apart = false
  for (let i = 0; i < series.count; i++) {
    known ||= series.norms(i).some((norm) => norm >= 0)
    apart ||= series.norms(i).some((norm) => norm > 0)
  }
  return { known, apart }
}

function stepsOf(series: Series, exponent: Exponent | undefined): Json {
  return exponent ? [series.step(exponent.span.from), series.step(exponent.span.to)] : null
}
