import type { Work } from '../../stage/index.ts'
import { type Matrices, storageBytes } from './layout.ts'
import type { StabilityOptions } from './spec.ts'

/** Steps of the iteration for a matrix of random weights; a matrix with graded singular values takes up to twice as many. */
const usualSteps = 12

/** Work of a look: a polar factor of the matrix and of each draw, and the count of flips. */
export function lookWork({ parts, sides }: Matrices, options: StabilityOptions): Work {
  const { long: m, short: n } = sides
  const gram = m * n * n
  const eigenvalues = (4 / 3) * n * n * n
  const polar = gram + eigenvalues + usualSteps * 3 * gram
  const flips = 2 * gram + eigenvalues
  const passes = 3 * usualSteps * storageBytes(options) * m * n
  const polars = 1 + options.draws
  return {
    flops: parts.length * (polars * polar + flips),
    bytes: parts.length * polars * passes,
  }
}
