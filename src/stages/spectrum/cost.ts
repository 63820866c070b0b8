import type { Work } from '../../stage/index.ts'
import type { Matrix } from './layout.ts'

/**
 * Work of a look: the Gram matrix and its eigenvalues, or the passes of the block method. The null is drawn only once and does not count.
 */
export function lookWork({ long: m, short: n, rank, krylov }: Matrix): Work {
  const vectors = 2 * m * n * rank
  if (!krylov) {
    const eigenvalues = (4 / 3) * n * n * n
    return { flops: m * n * n + eigenvalues + vectors, bytes: 16 * m * n + 16 * n * n * (n / 3) }
  }
  const { block: s, blocks } = krylov
  const products = 4 * m * n * s * blocks
  const orthogonal = 4 * n * s * s * blocks * blocks
  return { flops: products + orthogonal + vectors, bytes: 16 * m * n * blocks }
}
