import { logDensities } from '../../stages/phases/model.ts'
import { leastVariance, momentsOf, type Shape } from './hmm.ts'

/** Standardised looks of a run, and the time of each: 0 at the start, 1 at the end of the longest run. */
export interface Timed {
  readonly looks: readonly Float64Array[]
  readonly times: readonly number[]
}

/**
 * A drift model without states. Each metric is a polynomial in time plus noise; with memory, a multiple of its last value is
 * added.
 */
export interface Drift {
  readonly degree: number
  readonly memory: boolean
  readonly shape: Shape
  /** ln p of the looks of the fitted runs, given the first look of each run. */
  readonly logLikelihood: number
  readonly bic: number
  /** ln p of all looks of another run after the first, given the first. */
  afterFirst(run: Timed): number
}

const mostDegree = 8

/** The drift model with the least BIC. */
export function fitDrift(runs: readonly Timed[], memory: boolean): Drift {
  let best: Drift | undefined
  for (let degree = 0; degree <= mostDegree; degree++) {
    for (const shape of ['full', 'diagonal'] as const) {
      const drift = driftOf(runs, degree, memory, shape)
      if (drift && (!best || drift.bic < best.bic)) best = drift
    }
  }
  return best!
}

function driftOf(
  runs: readonly Timed[],
  degree: number,
  memory: boolean,
  shape: Shape
): Drift | undefined {
  const metrics = runs[0]!.looks[0]!.length
  const weights = Array.from({ length: metrics }, (_, i) => regression(runs, i, degree, memory))
  const residualsOf = ({ looks, times }: Timed): Float64Array[] =>
    looks.slice(1).map((look, t) =>
      look.map((value, i) => {
        const inputs = inputsOf(times[t + 1]!, degree, memory ? looks[t]![i] : undefined)
        return value - inputs.reduce((sum, input, j) => sum + input * weights[i]![j]!, 0)
      })
    )
  const residuals = runs.flatMap(residualsOf)
  const { covariance } = momentsOf(residuals, residuals.map(always), 0, shape)
  const density = logDensities({ means: [new Array(metrics).fill(0)], covariances: [covariance] })
  if (!density) return undefined
  const score = (own: readonly Float64Array[]): number =>
    own.reduce((sum, residual) => sum + density(residual)[0]!, 0)
  const logLikelihood = score(residuals)
  const spread = shape === 'full' ? (metrics * (metrics + 1)) / 2 : metrics
  const parameters = metrics * weights[0]!.length + spread
  return {
    degree,
    memory,
    shape,
    logLikelihood,
    bic: parameters * Math.log(residuals.length) - 2 * logLikelihood,
    afterFirst: (run) => score(residualsOf(run)),
  }
}

const one = Float64Array.of(1)
const always = (): Float64Array => one

/** The regressors: Legendre polynomials of time, and the last value. */
function inputsOf(time: number, degree: number, last: number | undefined): number[] {
  const x = 2 * time - 1
  const inputs = [1, x]
  for (let n = 1; n < degree; n++) {
    inputs.push(((2 * n + 1) * x * inputs[n]! - n * inputs[n - 1]!) / (n + 1))
  }
  inputs.length = degree + 1
  return last === undefined ? inputs : [...inputs, last]
}

/** Least squares for a metric, by its normal equations with a very small ridge. */
function regression(
  runs: readonly Timed[],
  metric: number,
  degree: number,
  memory: boolean
): number[] {
  const width = degree + 1 + (memory ? 1 : 0)
  const rows = Array.from({ length: width }, () => new Array<number>(width + 1).fill(0))
  for (const { looks, times } of runs) {
    for (let t = 1; t < looks.length; t++) {
      const last = memory ? looks[t - 1]![metric] : undefined
      const inputs = [...inputsOf(times[t]!, degree, last), looks[t]![metric]!]
      for (let i = 0; i < width; i++) {
        for (let j = 0; j <= width; j++) rows[i]![j]! += inputs[i]! * inputs[j]!
      }
    }
  }
  for (let i = 0; i < width; i++) rows[i]![i]! += leastVariance
  return solve(rows)
}

/** Solves a positive definite system. The right-hand side is the last column. */
function solve(rows: number[][]): number[] {
  const n = rows.length
  for (let i = 0; i < n; i++) {
    for (let r = i + 1; r < n; r++) {
      const factor = rows[r]![i]! / rows[i]![i]!
      for (let c = i; c <= n; c++) rows[r]![c]! -= factor * rows[i]![c]!
    }
  }
  const x = new Array<number>(n).fill(0)
  for (let i = n - 1; i >= 0; i--) {
    let rest = rows[i]![n]!
    for (let c = i + 1; c < n; c++) rest -= rows[i]![c]! * x[c]!
    x[i] = rest / rows[i]![i]!
  }
  return x
}
