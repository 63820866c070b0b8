import type { Sequential } from '@tensorflow/tfjs'
import type { Recipe } from '../../src/node/train/recipe.ts'

/** A recipe, and the network that it trains at the moment: it may be looked at whenever the trainer waits. */
export function captured(recipe: Recipe): { recipe: Recipe; network: () => Sequential } {
  let network: Sequential | undefined
  return {
    recipe: {
      ...recipe,
      network: (tf, hidden) => {
        network = recipe.network(tf, hidden)
        return network
      },
    },
    network: () => network!,
  }
}
