import { filterStep, logDensities, type PhaseModel } from '../../stages/phases/model.ts'
import type { Random } from '../train/random.ts'
import { posteriorOf } from './posterior.ts'

/**
 * Added to each variance of a density, in units of the metric's variance. So a spread below a hundredth of the metric's own
 * makes no difference.
 */
export const leastVariance = 1e-4

/** The part of a model that is fitted. Its looks are already standardised. */
export type Hmm = Pick<PhaseModel, 'start' | 'transitions' | 'means' | 'covariances'>

export type Shape = 'full' | 'diagonal'

export interface Fit {
  readonly hmm: Hmm
  readonly shape: Shape
  /** ln p of the runs to which it was fitted. */
  readonly logLikelihood: number
}

const stepsOfStart = 8
const mostSteps = 100
/** The iteration ends when the relative gain in ln p is smaller than this. */
const enough = 1e-6

/** ln p of all looks of a run, and of all looks after the first given the first. */
export function likelihoodOf(hmm: Hmm, looks: readonly Float64Array[]) {
  const densities = logDensities(hmm)
  let before: Float64Array | undefined
  let logLikelihood = 0
  let first = 0
  for (const look of looks) {
    const after = new Float64Array(hmm.start.length)
    const step = densities ? filterStep(hmm, densities(look), before, after) : Number.NaN
    logLikelihood += step
    if (!before) first = step
    before = after
  }
  return { logLikelihood, afterFirst: logLikelihood - first }
}

/** Number of free parameters of a model. */
export function parametersOf(states: number, metrics: number, shape: Shape): number {
  const covariance = shape === 'full' ? (metrics * (metrics + 1)) / 2 : metrics
  return states - 1 + states * (states - 1) + states * (metrics + covariance)
}

/**
 * Fits a model by the Baum-Welch algorithm. Several starts are iterated for a few steps, and the likeliest one to the end
 * (Biernacki, Celeux and Govaert 2003).
 */
export function fitHmm(
  runs: readonly (readonly Float64Array[])[],
  states: number,
  shape: Shape,
  restarts: number,
  random: Random
): Fit {
  const starts = Array.from({ length: states === 1 ? 1 : restarts }, () =>
    iterate(runs, { hmm: firstGuess(runs, states, shape, random), shape }, stepsOfStart)
  )
  const best = starts.reduce((a, b) => (b.logLikelihood > a.logLikelihood ? b : a))
  return iterate(runs, best, mostSteps)
}

function iterate(
  runs: readonly (readonly Float64Array[])[],
  { hmm: first, shape }: Pick<Fit, 'hmm' | 'shape'>,
  steps: number
): Fit {
  let fit: Fit = { hmm: first, shape, logLikelihood: -Infinity }
  let { hmm } = fit
  for (let i = 0; i <= steps; i++) {
    const posteriors = runs.map((looks) => posteriorOf(hmm, looks))
    const logLikelihood = posteriors.reduce((sum, own) => sum + own.logLikelihood, 0)
    const gained = logLikelihood - fit.logLikelihood
    if (gained > 0) fit = { hmm, shape, logLikelihood }
    if (!(gained > enough * Math.abs(logLikelihood))) break
    const states = posteriors.map((own) => own.states)
    const counts = posteriors.map((own) => own.transitions)
    hmm = maximise(runs, states, counts, shape)
  }
  return fit
}

/**
 * Begins with means that are looks far apart from each other (k-means++, Arthur and Vassilvitskii 2007). Every look belongs to
 * the nearest mean.
 */
function firstGuess(
  runs: readonly (readonly Float64Array[])[],
  states: number,
  shape: Shape,
  random: Random
): Hmm {
  const all = runs.flat()
  const centres = [all[Math.floor(random.uniform() * all.length)]!]
  const nearest = all.map((look) => apart(look, centres[0]!))
  while (centres.length < states) {
    let rest = random.uniform() * nearest.reduce((a, b) => a + b, 0)
    const pick = nearest.findIndex((own) => {
      rest -= own
      return rest < 0
    })
    const centre = all.at(pick)!
    centres.push(centre)
    all.forEach((look, i) => {
      nearest[i] = Math.min(nearest[i]!, apart(look, centre))
    })
  }
  const posteriors = runs.map((looks) =>
    looks.map((look) => {
      const distances = centres.map((centre) => apart(look, centre))
      const own = new Float64Array(states)
      own[distances.indexOf(Math.min(...distances))] = 1
      return own
    })
  )
  const stay = runs.map(() =>
    Float64Array.from({ length: states * states }, (_, i) => (i % (states + 1) === 0 ? 20 : 1))
  )
  return maximise(runs, posteriors, stay, shape)
}

function apart(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0)
}

/**
 * The M-step: the model that explains the looks best, given the probability of each state at each look and the expected
 * transitions in each run.
 */
function maximise(
  runs: readonly (readonly Float64Array[])[],
  posteriors: readonly (readonly Float64Array[])[],
  counts: readonly Float64Array[],
  shape: Shape
): Hmm {
  const states = posteriors[0]![0]!.length
  const range = Array.from({ length: states }, (_, k) => k)
  const start = range.map((k) => posteriors.reduce((sum, own) => sum + own[0]![k]!, 0))
  const moves = range.map((j) =>
    range.map((k) => counts.reduce((sum, own) => sum + own[j * states + k]!, 1e-6))
  )
  const looks = runs.flat()
  const weights = posteriors.flat()
  const moments = range.map((k) => momentsOf(looks, weights, k, shape))
  return {
    start: shares(start),
    transitions: moves.map(shares),
    means: moments.map((own) => own.mean),
    covariances: moments.map((own) => own.covariance),
  }
}

function shares(values: readonly number[]): number[] {
  const sum = values.reduce((a, b) => a + b, 0)
  return values.map((value) => value / sum)
}

/** Weighted mean and covariance of the looks in a state. */
export function momentsOf(
  looks: readonly Float64Array[],
  weights: readonly Float64Array[],
  state: number,
  shape: Shape
): { mean: number[]; covariance: number[] } {
  const d = looks[0]!.length
  // Not zero, so that an empty state still has a density.
  let total = 1e-9
  const mean = new Array<number>(d).fill(0)
  looks.forEach((look, t) => {
    const weight = weights[t]![state]!
    total += weight
    for (let i = 0; i < d; i++) mean[i]! += weight * look[i]!
  })
  for (let i = 0; i < d; i++) mean[i]! /= total
  const covariance = new Array<number>(shape === 'full' ? d * d : d).fill(0)
  const offset = new Float64Array(d)
  looks.forEach((look, t) => {
    const weight = weights[t]![state]! / total
    if (weight === 0) return
    for (let i = 0; i < d; i++) offset[i] = look[i]! - mean[i]!
    for (let i = 0; i < d; i++) {
      if (shape === 'diagonal') covariance[i]! += weight * offset[i]! ** 2
      else for (let j = 0; j <= i; j++) covariance[i * d + j]! += weight * offset[i]! * offset[j]!
    }
  })
  if (shape === 'full') mirror(covariance, d)
  const step = shape === 'full' ? d + 1 : 1
  for (let i = 0; i < d; i++) covariance[i * step]! += leastVariance
  return { mean, covariance }
}

/** Copies the lower triangle to the upper one. */
function mirror(matrix: number[], d: number): void {
  for (let i = 0; i < d; i++) for (let j = i + 1; j < d; j++) matrix[i * d + j] = matrix[j * d + i]!
}
