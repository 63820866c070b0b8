import { defineStage } from '../../engine/stage.ts'
import { tangent } from './methods/tangent.ts'
import { twin } from './methods/twin.ts'
import { ftleOptions } from './options.ts'

const methods = { twin, tangent }

/**
 * Finite-time Lyapunov exponents: how fast nearby training runs part, per step of the trainer.
 *
 * See this folder's README for the mathematics.
 */
export const ftle = defineStage({
  type: 'ftle',
  summary:
    'Finite-time Lyapunov exponents from perturbed members or tangent vectors, with 95 % intervals and a verdict.',
  options: ftleOptions,
  needs: (options, open, member) => methods[options.method].needs(open, options, member),
  // A sum of magnitudes is no inner product.
  sketching: ({ norms }) => (norms.includes('l1') ? 'never' : 'willing'),
  plan: (shape, options) => methods[options.method].plan(shape, options),
  cost: (shape, options) => methods[options.method].cost(shape, options),
  start: (context) => methods[context.options.method].start(context),
})
