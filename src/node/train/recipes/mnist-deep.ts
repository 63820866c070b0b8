import { mnist } from '../dataset.ts'
import { glorotUniform } from '../kernels.ts'
import type { Recipe } from '../recipe.ts'

const units = 784

/** Three square matrices, trained at full rank. The baseline for low-rank training (OIALR, Coquelin et al. 2024). */
export const mnistDeep: Recipe = {
  name: 'mnist-deep',
  summary: 'MNIST by dense layers 784-784-784-784-10 with ReLU and AdamW',
  defaults: {
    ...{ steps: 2000, batch: 128, learningRate: 1e-3, members: 1 },
    ...{ optimizer: 'adamw', weightDecay: 0.01 },
  },
  data: mnist,
  kernel: glorotUniform,
  network: ({ sequential, layers }) =>
    sequential({
      layers: [
        layers.dense({ name: 'hidden1', inputShape: [units], units, activation: 'relu' }),
        layers.dense({ name: 'hidden2', units, activation: 'relu' }),
        layers.dense({ name: 'hidden3', units, activation: 'relu' }),
        layers.dense({ name: 'output', units: 10 }),
      ],
    }),
}
