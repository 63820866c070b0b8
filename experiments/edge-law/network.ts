import type { Recipe } from '../../src/node/train/recipe.ts'
import { mnistTanh } from '../../src/node/train/recipes/mnist-tanh.ts'
import { halved } from '../lib/halved.ts'

/** `mnist-tanh` as 196-196-10. */
export const small: Recipe = {
  ...mnistTanh,
  name: 'mnist-tanh-14',
  data: halved,
  network: ({ sequential, layers }) =>
    sequential({
      layers: [
        layers.dense({
          ...{ name: 'hidden', inputShape: [196], units: 196, activation: 'tanh', useBias: false },
        }),
        layers.dense({ name: 'output', units: 10 }),
      ],
    }),
}
