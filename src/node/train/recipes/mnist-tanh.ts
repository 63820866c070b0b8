import { mnist } from '../dataset.ts'
import { standardNormal } from '../kernels.ts'
import { plainSgd, type Recipe } from '../recipe.ts'

/**
 * The network in which Zhang, Feng, Chen and Lai (2021) follow J to the edge of chaos. Its square hidden layer has no bias and
 * begins in the ordered phase, with J = 1/2. Kernels are normal with variance 1 / (4 fan in).
 */
export const mnistTanh: Recipe = {
  name: 'mnist-tanh',
  summary: 'MNIST by dense layers 784-784-10 with tanh, which begin in the ordered phase',
  defaults: { ...plainSgd, steps: 2000, batch: 32, learningRate: 0.01, hidden: 784, members: 1 },
  meta: { activation: 'tanh', network: [{ kernel: 'hidden/kernel', activation: 'tanh' }] },
  data: mnist,
  kernel: (shape, random) =>
    standardNormal(shape, random).map((value) => value / (2 * Math.sqrt(shape[0]!))),
  network: ({ sequential, layers }, hidden) =>
    sequential({
      layers: [
        layers.dense({
          ...{ name: 'hidden', inputShape: [784], units: hidden, activation: 'tanh' },
          useBias: false,
        }),
        layers.dense({ name: 'output', units: 10 }),
      ],
    }),
}
