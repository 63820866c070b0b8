import type { Weight } from '../../tfjs/weights.ts'
import { Random } from './random.ts'
import type { Recipe } from './recipe.ts'

/** The streams of random numbers of one seed. Drawing from one does not affect the others. */
export const streams = { kernels: 0, batches: 1, perturbation: (member: number) => 1 + member }

/** The initial weights: kernels as the recipe draws them, and zero for all others. */
export function firstValues(
  weights: readonly Weight[],
  recipe: Recipe,
  seed: number
): Float64Array[] {
  const random = new Random(seed, streams.kernels)
  return weights.map(({ role, shape }) =>
    role === 'kernel'
      ? recipe.kernel(shape, random)
      : new Float64Array(shape.reduce((a, b) => a * b, 1))
  )
}

/** The same weights with U(-epsilon, epsilon) added to each kernel weight. */
export function perturbedValues(
  weights: readonly Weight[],
  values: readonly Float64Array[],
  epsilon: number,
  random: Random
): Float64Array[] {
  return values.map((own, i) =>
    weights[i]!.role === 'kernel'
      ? own.map((value) => value + epsilon * (2 * random.uniform() - 1))
      : own
  )
}

/** The same weights with each kernel weight scaled by 1 + U(-share, share). */
export function scaledValues(
  weights: readonly Weight[],
  values: readonly Float64Array[],
  share: number,
  random: Random
): Float64Array[] {
  return values.map((own, i) =>
    weights[i]!.role === 'kernel'
      ? own.map((value) => value * (1 + share * (2 * random.uniform() - 1)))
      : own
  )
}
