import {
  defineStage,
  expectPositions,
  headerBytes,
  type Problem,
  problem,
} from '../../stage/index.ts'
import { lookWork } from './cost.ts'
import { kindOf, layScratch, placesOf } from './layout.ts'
import { logDensities, metricNames } from './model.ts'
import {
  modelOf,
  type PhasesOptions,
  phasesAlerts,
  phasesFigures,
  phasesOptions,
  says,
} from './spec.ts'
import { stateShape } from './state.ts'
import { phasesStep } from './step.ts'

/** The fourteen metrics of Hu et al. and the phase that a fitted model assigns to them; README.md has the mathematics. */
export const phases = defineStage({
  type: 'phases',
  summary:
    'Fourteen metrics of the weights, and the phase of training by a hidden Markov model that was fitted to earlier runs.',
  asks: 'Which phase is the training in?',
  placement: 'tensors',
  per: 'model',
  options: phasesOptions,
  figures: phasesFigures,
  alerts: phasesAlerts,
  says,
  takes: (tensor) => kindOf(tensor) !== undefined,
  check: modelProblems,
  needs: (_options, open, member) => {
    expectPositions('phases', member)
    return { weights: true, double: open.tensors.some(({ dtype }) => dtype === 'f64') }
  },
  plan: (shape, options) => ({
    header: headerBytes(stateShape(modelOf(options))),
    perTile: 0,
    scratch: layScratch(0, placesOf(shape, options)).bytes,
  }),
  costOfLook: (shape, options) => lookWork(placesOf(shape, options)),
  start: (context) => ({ step: phasesStep(context) }),
})

/** What is inconsistent in a model, in words. */
function modelProblems(options: PhasesOptions): Problem[] {
  const model = modelOf(options)
  if (!model) return []
  const states = model.start.length
  const d = metricNames.length
  const isOf = (values: readonly (readonly number[])[], ...lengths: number[]): boolean =>
    values.length === states && values.every((own) => lengths.includes(own.length))
  const fits =
    states > 0 &&
    model.metrics.join() === metricNames.join() &&
    model.centre.length === d &&
    model.scale.length === d &&
    isOf(model.transitions, states) &&
    isOf(model.means, d) &&
    isOf(model.covariances, d, d * d) &&
    new Set(model.covariances.map((own) => own.length)).size === 1
  const message =
    'the parts of the model do not fit together. Fit it again with "thalweg phases fit".'
  if (!fits) return [problem(['model'], message)]
  return logDensities(model)
    ? []
    : [
        problem(
          ['model', 'covariances'],
          'a covariance is not positive definite. Fit the model again.'
        ),
      ]
}
