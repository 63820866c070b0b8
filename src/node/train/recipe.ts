import type { Sequential } from '@tensorflow/tfjs'
import type { Json } from '../../wire/frame.ts'
import type { TF } from './backends.ts'
import type { Dataset } from './dataset.ts'
import type { RecipeDefaults } from './options.ts'
import type { Random } from './random.ts'

/** A training that anyone can repeat: a classifier, its data and default settings. */
export interface Recipe {
  readonly name: string
  /** A phrase for the list of recipes. */
  readonly summary: string
  readonly defaults: RecipeDefaults
  /** Facts about the network for `meta`. */
  readonly meta?: Readonly<Record<string, Json>>
  data(): Dataset
  /**
   * The network of one member. Its last layer gives a score for each class, before any softmax.
   *
   * @param hidden number of hidden units, or 0 if the recipe does not have exactly one hidden layer
   */
  network(tf: TF, hidden: number): Sequential
  /** The initial values of a kernel. Biases begin at zero. */
  kernel(shape: readonly number[], random: Random): Float64Array
}

/** Settings that most recipes have in common. */
export const plainSgd = { optimizer: 'sgd', weightDecay: 0 } as const
