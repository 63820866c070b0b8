import { irisChaos } from './iris-chaos.ts'
import { mnistLenet } from './mnist-lenet.ts'
import { mnistMlp } from './mnist-mlp.ts'

export const recipes = [mnistMlp, mnistLenet, irisChaos]
