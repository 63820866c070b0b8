import type { Sequential } from '@tensorflow/tfjs'
import type { Json } from '../../wire/frame.ts'
import type { TF } from './backends.ts'
import type { Dataset } from './dataset.ts'
import type { RecipeDefaults } from './options.ts'
import type { Random } from './random.ts'

/** A training that anyone can repeat: a classifier, its data and the settings that it usually has. */
export interface Recipe {
  readonly name: string
  /** A phrase for the list of recipes. */
  readonly summary: string
  readonly defaults: RecipeDefaults
  /** What a reader may want to know of the network, for `meta`. */
  readonly meta?: Readonly<Record<string, Json>>
  data(): Dataset
  /**
   * The network of one member. Its last layer gives a score for each class, before any softmax.
   *
   * @param hidden units of the hidden layer, 0 where the recipe has not one hidden layer
   */
  network(tf: TF, hidden: number): Sequential
  /** The first values of a kernel; biases begin at zero. */
  kernel(shape: readonly number[], random: Random): Float64Array
}

/** What most recipes train by. */
export const plainSgd = { optimizer: 'sgd', weightDecay: 0 } as const
