import { boolean, choice, integer, list, number, type Options } from '../../spec/fields.ts'

export const syntheticOptions = {
  map: choice(['linear', 'logistic', 'henon', 'lorenz'], {
    description: 'the system; a step of `lorenz` is 0.01 units of its time',
    default: 'henon',
  }),
  steps: integer({ description: 'steps of the map', unit: 'steps', min: 1, default: 1000 }),
  stride: integer({
    description: 'steps of the map from one delta to the next',
    unit: 'steps',
    min: 1,
    default: 1,
  }),
  members: integer({ description: 'member 0 and its twins', min: 1, max: 64, default: 2 }),
  epsilon: number({
    description:
      'distance from member 0 at which the first twin starts; each twin starts in a direction of its own',
    min: 0,
    default: 1e-9,
  }),
  ratio: number({
    description: 'factor by which each further twin starts farther away than the one before',
    min: 0,
    default: 1,
  }),
  tangents: integer({
    description: 'tangent vectors of member 0, re-orthonormalised at every step',
    min: 0,
    max: 3,
    default: 0,
  }),
  multipliers: list(number({ description: 'a multiplier' }), {
    description: 'the diagonal of `linear`',
    default: [1.1, 0.8],
  }),
  noise: number({
    description: 'standard deviation of Gaussian noise added to each coordinate in each step',
    min: 0,
    default: 0,
  }),
  coupled: boolean({ description: 'do members share the noise?', default: true }),
  seed: integer({
    description: 'seed of the start, the perturbations and the noise',
    min: 0,
    default: 0,
  }),
} as const

export type SyntheticOptions = Options<typeof syntheticOptions>
