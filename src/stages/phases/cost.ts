import type { Work } from '../../stage/index.ts'
import type { Places } from './layout.ts'

/** Passes over the weights: one for norms, two for the variance, three for the median. */
const passes = 6

/** Work of a look: the Gram matrix of each matrix and its eigenvalues, and passes over all weights. */
export function lookWork({ matrices, biases }: Places): Work {
  const weights = [...matrices.map(({ tensor }) => tensor), ...biases]
  const elements = weights.reduce((sum, { rows }) => sum + rows, 0)
  const flops = matrices.reduce(
    (sum, { long: m, short: n }) => sum + m * n * n + (4 / 3) * n ** 3,
    0
  )
  return { flops: flops + 2 * passes * elements, bytes: 8 * passes * elements }
}
