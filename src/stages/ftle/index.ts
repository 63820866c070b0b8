import { defineStage } from '../../engine/stage.ts'
import { problem } from '../../spec/problem.ts'
import { localLinear } from './methods/local-linear.ts'
import { tangent } from './methods/tangent.ts'
import { twin } from './methods/twin.ts'
import { ftleOptions } from './options.ts'

const methods = { twin, tangent, 'local-linear': localLinear }

/**
 * Finite-time Lyapunov exponents: how fast nearby training runs part, per step of the trainer.
 *
 * See this folder's README for the mathematics.
 */
export const ftle = defineStage({
  type: 'ftle',
  summary:
    'Finite-time Lyapunov exponents from perturbed members, tangent vectors or one run alone, with 95 % intervals and a verdict.',
  options: ftleOptions,
  alerts: ['ftle/chaotic', 'ftle/expanding'],
  check: ({ method }, _block, on) => {
    if (method !== 'local-linear' || on !== undefined) return []
    const message =
      'method "local-linear" reads the coordinates of an svd, and none is named. Put a stage of type svd before this one and name it.'
    return [problem(['on'], message)]
  },
  checkUpstream: ({ method }, { id, type }) => {
    const message =
      method !== 'local-linear'
        ? `method "${method}" reads no other stage, not "${id}". Leave "on" out.`
        : type !== 'svd'
          ? `stage "${id}" is of type ${type} and has no coordinates. Name a stage of type svd.`
          : undefined
    return message ? [problem(['on'], message)] : []
  },
  needs: (options, open, member) => methods[options.method].needs(options, open, member),
  // A sum of magnitudes is no inner product.
  sketching: ({ norms }) => (norms.includes('l1') ? 'never' : 'willing'),
  plan: (shape, options) => methods[options.method].plan(shape, options),
  cost: (shape, options) => methods[options.method].cost(shape, options),
  start: (context) => methods[context.options.method].start(context),
})
