import type { Recipe } from '../../src/node/train/recipe.ts'
import { mnistTanh } from '../../src/node/train/recipes/mnist-tanh.ts'
import { halved } from '../lib/halved.ts'

/** `mnist-tanh` as 196-196-10. */
export const small: Recipe = {
  ...mnistTanh,
  name: 'mnist-tanh-14',
  defaults: { ...mnistTanh.defaults, hidden: 196 },
  data: halved,
  network: ({ sequential, layers }, hidden) =>
    sequential({
      layers: [
        layers.dense({
          ...{ name: 'hidden', inputShape: [196], units: hidden, activation: 'tanh' },
          useBias: false,
        }),
        layers.dense({ name: 'output', units: 10 }),
      ],
    }),
}
