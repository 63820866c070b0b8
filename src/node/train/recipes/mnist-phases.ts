import type { Recipe } from '../recipe.ts'
import { mnistMlp } from './mnist-mlp.ts'

/** The control of Hu et al. (2023): its phases follow each other in a single line. */
export const mnistPhases: Recipe = {
  ...mnistMlp,
  name: 'mnist-phases',
  summary: 'MNIST by dense layers 784-800-10 with ReLU and AdamW',
  defaults: {
    ...{ steps: 1000, batch: 256, learningRate: 1e-3, hidden: 800, members: 1 },
    ...{ optimizer: 'adamw', weightDecay: 0.01 },
  },
}
