import type { Alert, Outcome } from '../../engine/stage.ts'
import type { Json } from '../../wire/frame.ts'
import { type Exponent, exponentsOf } from './exponents.ts'
import type { Series } from './series.ts'
import { comparePowerLaw, verdictOf } from './verdict.ts'
import type { Bounds } from './window.ts'

/** What a method hands over to be reported. */
export interface Findings {
  readonly method: string
  readonly twins: number
  readonly coupled: boolean
  readonly series: Series
  readonly boundsAt: (i: number) => Bounds
  readonly window: number | undefined
  readonly norms: readonly ('l2' | 'l1')[]
  readonly log: (x: number) => number
  /** What else a reader must know to judge the figures. */
  readonly notes: readonly string[]
}

/** The values of a summary: see the stage's README for each. */
export function report(findings: Findings): Outcome {
  const { method, twins, coupled, series, boundsAt, window, log } = findings
  const last = series.count - 1
  const exponents = exponentsOf(series, twins, boundsAt, log, window)
  const [first] = exponents
  const powerLaw = first && comparePowerLaw(first.curve, log)
  const { known, apart } = sightOf(series)
  const { verdict, why } = verdictOf({
    twins,
    coupled,
    known,
    apart,
    first,
    powerLaw,
    missing: last < 0 ? '' : whyMissing(series, boundsAt(last), window),
  })
  const windows = exponents.map((exponent) => stepsOf(series, exponent))
  const unresolved = exponents.flatMap((exponent, i) => (exponent || i === 0 ? [] : [i + 1]))
  const reasons = [
    why,
    ...(first?.collapsed ? ['growth collapsed before saturation; the window ends there'] : []),
    ...(first && unresolved.length > 0
      ? [`exponent ${unresolved.join(', ')}: no stretch in which these twins stay independent`]
      : []),
    ...findings.notes,
  ]
  return {
    values: {
      method,
      exponents: exponents.map((exponent) => exponent?.value ?? null),
      intervals: exponents.map((exponent) => exponent?.interval ?? null),
      window: windows[0] ?? null,
      windows,
      efoldings: first?.efoldings ?? 0,
      verdict,
      powerLaw: powerLaw ? { ...powerLaw } : null,
      floor: last < 0 ? null : boundsAt(last).floor,
      saturation: last < 0 ? null : boundsAt(last).saturation,
      distances: last < 0 ? [] : [...series.norms(last)],
      ...(findings.norms.length > 0 ? { separations: separationsOf(findings) } : {}),
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

/** Why no stretch is long enough for the first exponent, judged by the latest point. */
function whyMissing(
  series: Series,
  { floor, saturation }: Bounds,
  window: number | undefined
): string {
  const norms = series.norms(series.count - 1).filter((norm) => norm > 0)
  const largest = norms.reduce((a, b) => Math.max(a, b), 0)
  if (largest > saturation) return 'separations passed saturation before a window could form'
  if (largest < floor) return 'separations are below the floor of rounding noise'
  return window === undefined
    ? 'too few points between floor and saturation so far'
    : `the last ${window} steps have too few points between floor and saturation`
}

/** The whole series in the norms asked for: one list per twin. */
function separationsOf({ series, twins, norms }: Findings): Json {
  const points = Array.from({ length: series.count }, (_, i) => i)
  const of = (pick: (i: number) => Float64Array): Json =>
    Array.from({ length: twins }, (_, m) => points.map((i) => pick(i)[m]!))
  return {
    steps: points.map((i) => series.step(i)),
    ...(norms.includes('l2') ? { l2: of((i) => series.norms(i)) } : {}),
    ...(norms.includes('l1') ? { l1: of((i) => series.sums(i)) } : {}),
  }
}
