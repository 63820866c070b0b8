import { exp, log } from '../../stage/index.ts'

/** The metrics of Hu et al. (2023), in their order. */
export const metricNames = [
  'l1',
  'l2',
  'l1OverL2',
  'trace',
  'spectralNorm',
  'traceOverSpectralNorm',
  'singularMean',
  'singularVariance',
  'weightMean',
  'weightMedian',
  'weightVariance',
  'biasMean',
  'biasMedian',
  'biasVariance',
] as const

export type MetricName = (typeof metricNames)[number]

/**
 * A hidden Markov model of K states with Gaussian densities over d metrics, each first standardised to (value - centre) / scale. A
 * covariance has d numbers, its diagonal, or d² by rows.
 */
export interface PhaseModel {
  readonly metrics: readonly string[]
  readonly centre: readonly number[]
  readonly scale: readonly number[]
  readonly start: readonly number[]
  readonly transitions: readonly (readonly number[])[]
  readonly means: readonly (readonly number[])[]
  readonly covariances: readonly (readonly number[])[]
}

/** ln(2π) */
const logTurn = 1.8378770664093453

/** Log densities of a standardised look in each state. */
export type LogDensities = (z: ArrayLike<number>) => Float64Array

/** @returns undefined if a covariance is not positive definite */
export function logDensities({
  means,
  covariances,
}: Pick<PhaseModel, 'means' | 'covariances'>): LogDensities | undefined {
  const d = means[0]!.length
  const isFull = covariances[0]!.length > d
  const factors = covariances.map((own) => cholesky(own, d))
  if (factors.includes(undefined)) return undefined
  const constants = factors.map((factor) => {
    let sum = d * logTurn
    for (let i = 0; i < d; i++) sum += 2 * log(factor![i * d + i]!)
    return -sum / 2
  })
  const solved = new Float64Array(d)
  return (z) =>
    Float64Array.from(means, (mean, k) => {
      const factor = factors[k]!
      let squares = 0
      for (let i = 0; i < d; i++) {
        let rest = z[i]! - mean[i]!
        for (let j = isFull ? 0 : i; j < i; j++) rest -= factor[i * d + j]! * solved[j]!
        solved[i] = rest / factor[i * d + i]!
        squares += solved[i]! ** 2
      }
      return constants[k]! - squares / 2
    })
}

/** The lower Cholesky factor, by rows; of a diagonal covariance too. */
function cholesky(covariance: readonly number[], d: number): Float64Array | undefined {
  const isFull = covariance.length > d
  const factor = new Float64Array(d * d)
  for (let i = 0; i < d; i++) {
    for (let j = isFull ? 0 : i; j <= i; j++) {
      let sum = isFull ? covariance[i * d + j]! : covariance[i]!
      for (let k = isFull ? 0 : j; k < j; k++) sum -= factor[i * d + k]! * factor[j * d + k]!
      if (i === j && !(sum > 0)) return undefined
      factor[i * d + j] = i === j ? Math.sqrt(sum) : sum / factor[j * d + j]!
    }
  }
  return factor
}

/**
 * A step of the forward filter: writes the probability of each state after a look, and returns the log density of the look given those
 * before it.
 *
 * @param before probabilities after the previous look; undefined at the first look
 */
export function filterStep(
  { start, transitions }: Pick<PhaseModel, 'start' | 'transitions'>,
  logs: Float64Array,
  before: ArrayLike<number> | undefined,
  after: Float64Array
): number {
  const states = start.length
  const largest = logs.reduce((a, b) => Math.max(a, b))
  const prior = new Float64Array(states)
  let sum = 0
  for (let k = 0; k < states; k++) {
    prior[k] = before ? 0 : start[k]!
    if (before) for (let j = 0; j < states; j++) prior[k]! += before[j]! * transitions[j]![k]!
    sum += prior[k]! * exp(Math.max(-700, logs[k]! - largest))
  }
  // A look that no state explains, or only states that cannot be reached, changes only the likelihood.
  for (let k = 0; k < states; k++) {
    after[k] = sum > 0 ? (prior[k]! * exp(Math.max(-700, logs[k]! - largest))) / sum : prior[k]!
  }
  return sum > 0 ? largest + log(sum) : largest - 700
}
