import { mnist } from '../dataset.ts'
import { glorotUniform } from '../kernels.ts'
import type { Recipe } from '../recipe.ts'

/** The control of Hu et al. (2023), whose phases follow each other in one line. */
export const mnistPhases: Recipe = {
  name: 'mnist-phases',
  summary: 'MNIST by dense layers 784-800-10 with ReLU and AdamW',
  defaults: {
    ...{ steps: 1000, batch: 256, learningRate: 1e-3, hidden: 800, members: 1 },
    ...{ optimizer: 'adamw', weightDecay: 0.01 },
  },
  data: mnist,
  kernel: glorotUniform,
  network: ({ sequential, layers }, hidden) =>
    sequential({
      layers: [
        layers.dense({ name: 'hidden', inputShape: [784], units: hidden, activation: 'relu' }),
        layers.dense({ name: 'output', units: 10 }),
      ],
    }),
}
