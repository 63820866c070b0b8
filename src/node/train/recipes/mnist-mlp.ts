import { mnist } from '../dataset.ts'
import { glorotUniform } from '../kernels.ts'
import { plainSgd, type Recipe } from '../recipe.ts'

export const mnistMlp: Recipe = {
  name: 'mnist-mlp',
  summary: 'MNIST by dense layers 784-128-10 with ReLU',
  defaults: { ...plainSgd, steps: 500, batch: 64, learningRate: 0.1, hidden: 128, members: 1 },
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
