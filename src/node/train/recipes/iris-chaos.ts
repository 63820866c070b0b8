import { iris } from '../dataset.ts'
import { standardNormal } from '../kernels.ts'
import { plainSgd, type Recipe } from '../recipe.ts'

/**
 * The setting in which Danovski, Soriano and Lacasa (2024) measure how fast perturbed trainings diverge: full-batch gradient
 * descent, a deterministic map, at the edge of stability; a reference and five perturbed copies.
 */
export const irisChaos: Recipe = {
  name: 'iris-chaos',
  summary: 'Iris by dense layers 4-10-3 with sigmoid, in full batches',
  defaults: { ...plainSgd, steps: 200, batch: 120, learningRate: 1, hidden: 10, members: 6 },
  data: iris,
  kernel: standardNormal,
  network: ({ sequential, layers }, hidden) =>
    sequential({
      layers: [
        layers.dense({ name: 'hidden', inputShape: [4], units: hidden, activation: 'sigmoid' }),
        layers.dense({ name: 'output', units: 3 }),
      ],
    }),
}
