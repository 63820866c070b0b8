import { defineStage, problem } from '../../stage/index.ts'
import { localLinear } from './methods/local-linear.ts'
import { tangent } from './methods/tangent.ts'
import { twin } from './methods/twin.ts'
import { ftleOptions, ftleReads } from './options.ts'
import { says } from './says.ts'
import { ftleAlerts, ftleFigures } from './spec.ts'

const methods = { twin, tangent, 'local-linear': localLinear }

/**
 * Finite-time Lyapunov exponents: how fast nearby training runs separate, per step of the trainer.
 *
 * See this folder's README for the mathematics.
 */
export const ftle = defineStage({
  type: 'ftle',
  summary:
    'Finite-time Lyapunov exponents from perturbed members, tangent vectors or one run alone, with 95 % intervals and a verdict.',
  asks: 'Do nearby training runs move apart or together?',
  options: ftleOptions,
  figures: ftleFigures,
  alerts: ftleAlerts,
  says,
  reads: ftleReads,
  requires: ({ method }) => (method === 'local-linear' ? ['gram'] : []),
  check: ({ method }, { facts }) => {
    if (method === 'local-linear' || facts.gram === undefined) return []
    const message = `method "${method}" reads no other stage. Leave "on" out.`
    return [problem(['on'], message)]
  },
  needs: (options, open, member) => methods[options.method].needs(options, open, member),
  // A sum of magnitudes is not an inner product.
  sketching: ({ norms }) => (norms.includes('l1') ? 'never' : 'accepts'),
  plan: (shape, options) => methods[options.method].plan(shape, options),
  cost: (shape, options) => methods[options.method].cost(shape, options),
  start: (context) => methods[context.options.method].start(context),
})
