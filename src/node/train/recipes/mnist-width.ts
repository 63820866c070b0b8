import { mnistStandard } from '../dataset.ts'
import { fanInUniform } from '../kernels.ts'
import { plainSgd, type Recipe } from '../recipe.ts'

/**
 * The network whose width Redman et al. (2024) set to 5, 10 and 40, to see whether that changes the dynamics. One epoch is 1,000
 * steps.
 */
export const mnistWidth: Recipe = {
  name: 'mnist-width',
  summary: 'MNIST by dense layers 784-10-10 with ReLU and no biases, on standardised inputs',
  defaults: { ...plainSgd, steps: 1000, batch: 60, learningRate: 0.1, hidden: 10, members: 1 },
  data: mnistStandard,
  kernel: fanInUniform,
  network: ({ sequential, layers }, hidden) =>
    sequential({
      layers: [
        layers.dense({
          ...{ name: 'hidden', inputShape: [784], units: hidden, activation: 'relu' },
          useBias: false,
        }),
        layers.dense({ name: 'output', units: 10, useBias: false }),
      ],
    }),
}
