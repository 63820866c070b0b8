import type { PhaseModel } from '../../stages/phases/model.ts'
import { metricNames } from '../../stages/phases/model.ts'
import { Random } from '../train/random.ts'
import { fitDrift, type Timed } from './drift.ts'
import { type Fit, fitHmm, likelihoodOf, parametersOf, type Shape } from './hmm.ts'
import { type Sequence, standardised, standardOf } from './sequences.ts'

export interface FitOptions {
  readonly states: number
  readonly restarts: number
  readonly seed: number
}

/** A model that was tried. */
export interface Candidate {
  readonly states: number
  readonly shape: Shape
  readonly logLikelihood: number
  readonly bic: number
  /** Mean ln p of a look of the held-out runs, given the looks before it. NaN if no runs were held out. */
  readonly heldOut: number
}

export type Verdict = 'states' | 'no-better-than-time' | 'one-run'

/** Mean ln p of a look given those before it, over runs that were held out in turn. */
export interface Comparison {
  readonly states: number
  readonly time: number
  readonly timeAndMemory: number
  /** By how much states predict a look better than time and the last look do: mean over runs, and its standard error. */
  readonly gain: number
  readonly gainError: number
}

export interface PhaseFit {
  readonly verdict: Verdict
  readonly model: PhaseModel
  readonly shape: Shape
  readonly candidates: readonly Candidate[]
  readonly comparison?: Comparison
}

const folds = 5

/** Fits models with 1 to `states` states, selects one by BIC, and compares it with a drift model on held-out runs. */
export function fitPhases(sequences: readonly Sequence[], options: FitOptions): PhaseFit {
  const parts = partition(sequences.length, new Random(options.seed, 0))
  const isSingle = sequences.length === 1
  const [held = []] = parts
  const training = isSingle ? sequences : sequences.filter((_, i) => !held.includes(i))
  const standard = standardOf(training)
  const runs = training.map((own) => standardised(own, standard))
  const unseen = isSingle ? [] : held.map((i) => standardised(sequences[i]!, standard))
  const tried = tryAll(runs, unseen, options)
  const best = tried.reduce((a, b) => (b.candidate.bic < a.candidate.bic ? b : a))
  const model = { metrics: [...metricNames], ...standard, ...best.fit.hmm }
  const comparison = isSingle ? undefined : compare(sequences, parts, best.fit, options)
  return {
    verdict: comparison ? verdictOf(comparison, sequences.length) : 'one-run',
    model,
    shape: best.fit.shape,
    candidates: tried.map(({ candidate }) => candidate),
    ...(comparison && { comparison }),
  }
}

function tryAll(
  runs: readonly Float64Array[][],
  unseen: readonly Float64Array[][],
  { states: most, restarts, seed }: FitOptions
): { fit: Fit; candidate: Candidate }[] {
  const looks = runs.reduce((sum, own) => sum + own.length, 0)
  const metrics = runs[0]![0]!.length
  return (['diagonal', 'full'] as const).flatMap((shape, s) =>
    Array.from({ length: most }, (_, i) => {
      const states = i + 1
      const random = new Random(seed, 1 + 2 * states + s)
      const fit = fitHmm(runs, states, shape, restarts, random)
      const { logLikelihood } = fit
      const bic = parametersOf(states, metrics, shape) * Math.log(looks) - 2 * logLikelihood
      const candidate = { states, shape, logLikelihood, bic, heldOut: perLook(fit, unseen) }
      return { fit, candidate }
    })
  )
}

function perLook({ hmm }: Fit, runs: readonly Float64Array[][]): number {
  const looks = runs.reduce((sum, own) => sum + own.length - 1, 0)
  return runs.reduce((sum, own) => sum + likelihoodOf(hmm, own).afterFirst, 0) / looks
}

/** Each run is held out once. Its looks are scored by a model with the same number of states, and by a drift model. */
function compare(
  sequences: readonly Sequence[],
  parts: readonly (readonly number[])[],
  { hmm, shape }: Fit,
  { restarts, seed }: FitOptions
): Comparison {
  const states = hmm.start.length
  const last = Math.max(...sequences.flatMap(({ steps }) => steps))
  const scores: { states: number; time: number; timeAndMemory: number }[] = []
  for (const [p, held] of parts.entries()) {
    const training = sequences.filter((_, i) => !held.includes(i))
    const standard = standardOf(training)
    const timed = (own: Sequence): Timed => ({
      looks: standardised(own, standard),
      times: own.steps.map((step) => step / last),
    })
    const runs = training.map(timed)
    const looks = runs.map((own) => own.looks)
    const fit = fitHmm(looks, states, shape, restarts, new Random(seed, 100 + p))
    const drifts = [false, true].map((memory) => fitDrift(runs, memory))
    for (const i of held) {
      const run = timed(sequences[i]!)
      const count = run.looks.length - 1
      scores.push({
        states: likelihoodOf(fit.hmm, run.looks).afterFirst / count,
        time: drifts[0]!.afterFirst(run) / count,
        timeAndMemory: drifts[1]!.afterFirst(run) / count,
      })
    }
  }
  const mean = (of: (own: (typeof scores)[number]) => number): number =>
    scores.reduce((sum, own) => sum + of(own), 0) / scores.length
  const gainOf = (own: (typeof scores)[number]): number =>
    own.states - Math.max(own.time, own.timeAndMemory)
  const gain = mean(gainOf)
  const variance = mean((own) => (gainOf(own) - gain) ** 2) / (scores.length - 1)
  return {
    states: mean((own) => own.states),
    time: mean((own) => own.time),
    timeAndMemory: mean((own) => own.timeAndMemory),
    gain,
    gainError: Math.sqrt(variance),
  }
}

/** 0.95 quantiles of Student's t for 1 to 9 degrees of freedom. For more, the quantile for 10 is used, which is on the safe side. */
const quantiles = [6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833, 1.812]

function verdictOf({ gain, gainError }: Comparison, runs: number): Verdict {
  const quantile = quantiles[Math.min(runs - 1, quantiles.length) - 1]!
  return gain > quantile * gainError ? 'states' : 'no-better-than-time'
}

/** The numbers below n in random order, divided into at most five parts. */
function partition(n: number, random: Random): number[][] {
  const parts = Array.from({ length: Math.min(n, folds) }, (): number[] => [])
  random.permutation(n).forEach((own, i) => {
    parts[i % parts.length]!.push(own)
  })
  return parts
}
