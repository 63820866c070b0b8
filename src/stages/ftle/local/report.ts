import { type Interval, whyOf } from '../../../stage/index.ts'
import { growthMessage, intervalsOf, named, type Rate, valuesOf } from '../interval.ts'
import type { FtleOutcome, FtleValues } from '../spec.ts'
import { type Said, said } from '../verdict/names.ts'
import { type Stand, type StandingValues, standingValues } from '../verdict/standing.ts'
import { localExponents } from './exponents.ts'
import { type Operator, operatorOf, unexplainedBy } from './operator.ts'
import { type Pairs, pairsOf } from './pairs.ts'
import type { Path } from './path.ts'
import { notWhite } from './residuals.ts'
import { type LocalVerdict, localVerdict } from './verdict.ts'

/** Fewest pairs of successive positions for each direction of an operator. */
const leastPairs = 4

export interface LocalOptions {
  /** Number of trainer steps that the operator is fitted to. */
  readonly window: number
  /** Number of trainer steps over which finite-time exponents are formed. */
  readonly horizon: number
  /** Unit roundoff of the coarsest tensor looked at. */
  readonly unit: number
}

/** The values of a summary before they are known; see the stage's README for each. */
const unknown: LocalLook['values'] = {
  method: 'local-linear',
  sees: 'one linear map for the whole window, in the directions that this run explored by itself; no other direction, and nothing of what moves outside of these',
  exponents: [],
  intervals: [],
  window: null,
  windows: [],
  efoldings: 0,
  horizon: Number.NaN,
  spectral: [],
  spectralIntervals: [],
  nonNormality: [],
  captured: Number.NaN,
  unexplained: Number.NaN,
}

/** Result of one look at the last steps of a path. */
export interface LocalLook {
  readonly told: Said<LocalVerdict>
  /** The steps that it is read from. */
  readonly steps: number
  readonly values: Omit<FtleValues, keyof StandingValues>
  /** ln |μ_1|, if there is one. */
  readonly slowest?: Rate
}

export function lookAt(path: Path, options: LocalOptions): LocalLook {
  const to = path.count - 1
  let from = Math.max(0, to)
  while (from > 0 && path.step(to) - path.step(from - 1) <= options.window) from--
  const pairs = to > from ? pairsOf(path, from, to) : undefined
  const missing = whyMissing(pairs)
  if (!pairs || missing !== undefined) {
    return { told: said('insufficient', missing ?? ''), steps: 0, values: unknown }
  }
  const window: Interval = [path.step(from), path.step(to)]
  const steps = path.step(to) - path.step(from)
  const spacing = path.step(to) - path.step(to - 1)
  const recorded = Math.ceil(options.horizon / spacing)
  const horizon = recorded * spacing
  const { finite, spectral } = localExponents(pairs, recorded, spacing)
  const [first, slowest] = [finite[0]!, spectral[0]!]
  const operator = operatorOf(pairs)
  const unexplained = unexplainedBy(operator, pairs)
  const misfit = misfitOf(operator, pairs, unexplained)
  const efoldings = Math.abs(slowest.value) * steps
  const { verdict, why } = localVerdict({
    finite: first,
    spectral: slowest,
    efoldings,
    pairs: pairs.pairs,
    horizon,
    misfit,
  })
  const captured = capturedBy(path, from, to)
  const unresolved = named(finite, ({ value }) => Number.isNaN(value))
  const single = named(finite, (rate, i) => isSingle(rate) || isSingle(spectral[i]!))
  const held = (rates: readonly Rate[]): (Interval | null)[] =>
    misfit ? rates.map(() => null) : intervalsOf(rates)
  const reasons = whyOf(
    why,
    unresolved && `${unresolved} below the rounding of the first over ${horizon} steps`,
    !misfit &&
      single &&
      `${single} told by one stretch of the window alone, so without an interval`,
    Number.isNaN(unexplained) && 'all steps are alike, so there is nothing to explain',
    captured < 0.5 &&
      `${(100 * (1 - captured)).toFixed(0)} % of the motion lies outside of the directions`,
    options.unit > 2 ** -24 &&
      'deltas are rounded coarsely, as if measured with noise, which makes |μ| too small'
  )
  return {
    told: said(verdict, reasons!),
    steps,
    slowest,
    values: {
      ...unknown,
      exponents: valuesOf(finite),
      intervals: held(finite),
      window,
      windows: finite.map(() => window),
      efoldings,
      horizon,
      spectral: valuesOf(spectral),
      spectralIntervals: held(spectral),
      nonNormality: finite.map(({ value }, i) => value - spectral[i]!.value),
      captured,
      unexplained,
    },
  }
}

/** The values of a summary after a look, and the standing verdict. */
export function localReport({ told, slowest, values }: LocalLook, stand: Stand): FtleOutcome {
  const isExpanding = stand.verdict === 'expanding' && told.verdict === 'expanding' && slowest
  const what = "the run leaves its path's centre exponentially: ln |μ|"
  return {
    values: { ...values, ...standingValues(stand, told) },
    alerts: isExpanding ? [{ condition: 'expanding', message: growthMessage(what, slowest) }] : [],
  }
}

/** Fewest steps for a test of the residuals. */
const leastTested = 64

/** Largest share of the steps' variance that may be left unexplained, and the share that counts as rounding. */
const [mostUnexplained, rounding] = [0.25, 1e-6]

/** Why a linear map does not describe the run, if so: it leaves too much unexplained, or the residuals are not white noise. */
function misfitOf(operator: Operator, pairs: Pairs, unexplained: number): string | undefined {
  if (unexplained > mostUnexplained) {
    return `a linear map leaves ${(100 * unexplained).toFixed(0)} % of the steps' variance unexplained: noise, chaos and more directions than it has look alike`
  }
  if (!(unexplained > rounding)) return undefined
  if (pairs.pairs < leastTested) {
    return `${pairs.pairs} steps are too few to test what a linear map leaves over`
  }
  const remnant = notWhite(operator, pairs)
  return remnant && `what a linear map leaves over is not white noise: residuals ${remnant}`
}

const isSingle = ({ value, interval }: Rate): boolean =>
  Number.isNaN(interval[0]) && !Number.isNaN(value)

/** Why no operator can be fitted, if so. */
function whyMissing(pairs: Pairs | undefined): string | undefined {
  if (!pairs) return 'too few steps without a break so far'
  if (pairs.size === 0) return 'the run does not move'
  const needed = leastPairs * pairs.size
  if (pairs.pairs >= needed) return undefined
  return `${pairs.pairs} steps for an operator on ${pairs.size} directions; ${needed} are needed`
}

/** Share of the squared length of the window's steps that lies in the present directions. */
function capturedBy(path: Path, from: number, to: number): number {
  let inside = 0
  let whole = 0
  for (let t = from + 1; t <= to; t++) {
    const before = path.position(t - 1)
    path.position(t).forEach((value, k) => {
      inside += (value - before[k]!) * (value - before[k]!)
    })
    whole += path.moved(t)
  }
  // Rounding may make it a little more than all.
  return Math.min(1, inside / whole)
}
