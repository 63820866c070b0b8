import {
  amount,
  choice,
  count,
  type FigureValues,
  layout,
  list,
  number,
  type Options,
  object,
  type Sentence,
  scalar,
  share,
  string,
  verdict,
} from '../../stage/index.ts'
import { metricNames, type PhaseModel } from './model.ts'

const numbers = (description: string) =>
  list(number({ description: 'a number' }), { description, default: [] })
const rows = (description: string) =>
  list(list(number({ description: 'a number' }), { description: 'by state' }), {
    description,
    default: [],
  })

export const phasesOptions = {
  layout,
  model: object(
    {
      fit: choice(['none', 'states', 'no-better-than-time', 'one-run'], {
        description: 'what the fit found; without a model there are only metrics',
        default: 'none',
      }),
      metrics: list(string({ description: 'a metric' }), {
        description: 'the metrics in their order',
        default: [],
      }),
      centre: numbers('what is subtracted from each metric'),
      scale: numbers('what each is then divided by'),
      start: numbers('how probable each state is at the first look'),
      transitions: rows('how probable each state is after each other state'),
      means: rows('mean of each state'),
      covariances: rows('covariance of each state: its diagonal, or all of it by rows'),
    },
    { description: 'a model that was fitted to earlier runs, as `thalweg phases fit` writes it' }
  ),
} as const

export type PhasesOptions = Options<typeof phasesOptions>

/** The model in the options; undefined if there is none. */
export function modelOf({ model }: PhasesOptions): PhaseModel | undefined {
  return model.fit === 'none' ? undefined : model
}

const mean = (title: string, means: string, unit = 'weight') => scalar({ title, means, unit })

export const phasesFigures = {
  phase: count({
    title: 'Phase',
    means:
      'Number (from 0) of the state of the model that is most probable, given the looks so far.',
    misleads: 'States have the numbers of the fit. A state may be no more than a slice of time.',
  }),
  fit: verdict({
    title: 'What the phases are worth',
    means: 'What was found when the model was fitted.',
    words: {
      states: 'States told runs that were held out better than time and the last look did.',
      'no-better-than-time': 'The states are no better than time alone.',
      'one-run': 'The model is of one run, and one run cannot tell states from time.',
      none: 'There is no model.',
    },
  }),
  probability: share({
    title: 'Probability of the phase',
    means: 'How probable that state is under the model.',
    misleads:
      'The model knows only its own states. It is as certain for a run that is like no earlier one.',
  }),
  surprise: scalar({
    title: 'Surprise',
    means: 'Minus the log density of the last look given those before it, in nats.',
    misleads: 'Compare it with the surprise in the runs that the model was fitted to.',
    unit: 'nat',
  }),
  since: count({
    title: 'In this phase since',
    means: 'Step of the first look since which this phase has been the most probable.',
    unit: 'step',
  }),
  l1: mean('Norm l1', 'Sum of absolute weights of a matrix, the mean over matrices.'),
  l2: mean('Norm l2', 'Frobenius norm, the mean over matrices.'),
  l1OverL2: scalar({
    title: 'l1 over l2',
    means:
      'Ratio of the two, the mean over matrices. It is small if few weights hold most of the norm.',
  }),
  trace: mean('Trace', 'Of the top left square, the mean over matrices.'),
  spectralNorm: mean('Spectral norm', 'Largest singular value, the mean over matrices.'),
  traceOverSpectralNorm: scalar({
    title: 'Trace over spectral norm',
    means: 'Ratio of the two, the mean over matrices.',
  }),
  singularMean: mean('Mean singular value', 'Over all of a matrix, the mean over matrices.'),
  singularVariance: mean(
    'Variance of singular values',
    'Within a matrix, the mean over matrices.',
    'weight²'
  ),
  weightMean: mean('Mean weight', 'Over the weights of all matrices together.'),
  weightMedian: mean('Median weight', 'The lower of the two in the middle, over all matrices.'),
  weightVariance: mean('Variance of weights', 'Over all matrices together.', 'weight²'),
  biasMean: mean('Mean bias', 'Over all biases together.'),
  biasMedian: mean('Median bias', 'The lower of the two in the middle, over all biases.'),
  biasVariance: mean('Variance of biases', 'Over all biases together.', 'weight²'),
  looks: count({ title: 'Looks', means: 'How often the weights were looked at.' }),
  lookedAt: count({ title: 'Looked at', means: 'Step of the last look.', unit: 'step' }),
} as const

export const phasesAlerts = {
  changed: { level: 'info', means: 'Another phase has become the most probable.' },
} as const

export type PhasesValues = FigureValues<typeof phasesFigures>

export function says(values: PhasesValues): Sentence<keyof typeof phasesFigures>[] {
  const { phase, probability, since, fit, l2 } = values
  if (fit === 'none' || !Number.isFinite(phase)) {
    if (!Number.isFinite(l2)) return []
    const text = `The matrices have a norm of ${amount(l2)} on average. There is no model to say which phase this is.`
    return [{ level: 'info', text, figure: 'l2' }]
  }
  const licence = {
    states: 'The states told unseen runs better than time did.',
    'no-better-than-time': 'The model is no better than time alone: read the phase as a clock.',
    'one-run': 'The model is of one run, which cannot tell phases from time.',
  }[fit]
  const text = `The run has been in phase ${phase} since step ${since}, with a probability of ${amount(probability, 2)}. ${licence}`
  return [{ level: 'info', text, figure: 'phase' }]
}

/** The metrics of values, in the model's order. */
export function lookOf(values: { readonly [name in (typeof metricNames)[number]]: number }) {
  return Float64Array.from(metricNames, (name) => values[name])
}
