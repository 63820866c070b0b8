import { mnist } from '../dataset.ts'
import { glorotUniform } from '../kernels.ts'
import { plainSgd, type Recipe } from '../recipe.ts'

export const mnistLenet: Recipe = {
  name: 'mnist-lenet',
  summary: 'MNIST by LeNet-5 with ReLU and max pooling',
  defaults: { ...plainSgd, steps: 500, batch: 64, learningRate: 0.05, members: 1 },
  data: mnist,
  kernel: glorotUniform,
  network: ({ sequential, layers }) =>
    sequential({
      layers: [
        layers.reshape({ inputShape: [784], targetShape: [28, 28, 1] }),
        layers.conv2d({
          ...{ name: 'conv1', filters: 6, kernelSize: 5, padding: 'same', activation: 'relu' },
        }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.conv2d({ name: 'conv2', filters: 16, kernelSize: 5, activation: 'relu' }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ name: 'dense1', units: 120, activation: 'relu' }),
        layers.dense({ name: 'dense2', units: 84, activation: 'relu' }),
        layers.dense({ name: 'output', units: 10 }),
      ],
    }),
}
