import { irisChaos } from './iris-chaos.ts'
import { mnistDeep } from './mnist-deep.ts'
import { mnistLenet } from './mnist-lenet.ts'
import { mnistMlp } from './mnist-mlp.ts'
import { mnistPhases } from './mnist-phases.ts'
import { mnistTanh } from './mnist-tanh.ts'
import { mnistWidth } from './mnist-width.ts'
import { sparseParity } from './sparse-parity.ts'

export const recipes = [
  mnistMlp,
  mnistLenet,
  mnistTanh,
  mnistPhases,
  mnistDeep,
  mnistWidth,
  sparseParity,
  irisChaos,
]
