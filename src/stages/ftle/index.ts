import { defineStage } from '../../engine/stage.ts'
import { twin } from './methods/twin.ts'
import { ftleOptions } from './options.ts'

const methods = { twin }

/**
 * Finite-time Lyapunov exponents: how fast nearby training runs part, per step of the trainer.
 *
 * See this folder's README for the mathematics.
 */
export const ftle = defineStage({
  type: 'ftle',
  summary:
    'Finite-time Lyapunov exponents from perturbed members, with 95 % intervals and a verdict.',
  options: ftleOptions,
  needs: ({ method }, open) => methods[method].needs(open),
  plan: (shape, options) => methods[options.method].plan(shape, options),
  cost: (shape, { method }) => methods[method].cost(shape),
  start: (context) => methods[context.options.method].start(context),
})
