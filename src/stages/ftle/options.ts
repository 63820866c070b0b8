import { choice, integer, list, type Options } from '../../spec/fields.ts'
import { leastIncrements } from './interval.ts'

export const ftleOptions = {
  method: choice(['twin'], {
    description: '`twin`: from the separations of perturbed members from member 0',
    default: 'twin',
  }),
  window: integer({
    description:
      'read the exponents over the last so many steps; default: over the best stretch of growth or contraction so far',
    unit: 'steps',
    min: leastIncrements,
  }),
  norms: list(choice(['l2', 'l1'], { description: 'a norm' }), {
    description: 'norms in which the series of separations is printed',
    default: [],
  }),
} as const

export type FtleOptions = Options<typeof ftleOptions>
