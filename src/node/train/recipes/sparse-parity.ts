import { sparseParityBits } from '../dataset.ts'
import { glorotUniform } from '../kernels.ts'
import type { Recipe } from '../recipe.ts'

/** The task of Hu et al. (2023) in which runs take different paths. Only three of 40 bits matter, which a network finds out late. */
export const sparseParity: Recipe = {
  name: 'sparse-parity',
  summary: 'the parity of 3 in 40 bits by dense layers 40-1000-2 with ReLU',
  defaults: {
    ...{ steps: 2000, batch: 32, learningRate: 0.1, hidden: 1000, members: 1 },
    ...{ optimizer: 'sgd', weightDecay: 0.01 },
  },
  data: sparseParityBits,
  kernel: glorotUniform,
  network: ({ sequential, layers }, hidden) =>
    sequential({
      layers: [
        layers.dense({ name: 'hidden', inputShape: [40], units: hidden, activation: 'relu' }),
        layers.dense({ name: 'output', units: 2 }),
      ],
    }),
}
