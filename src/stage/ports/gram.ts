import { definePort } from './port.ts'

export interface GramFacts {
  /** Number of directions that are reported. */
  readonly rank: number
  /** Most columns that are kept. */
  readonly columns: number
  readonly storageBytes: 4 | 8
}

/** How a block changed a decomposition's factor B. All matrices are small and by rows, and are valid until the next block. */
export interface BlockGram {
  /** Gram matrix of [B X] (and q, if positions are decomposed) before the rotation, as a packed upper triangle. */
  readonly gram: Float64Array
  readonly columns: number
  /** Number of columns of B before the block. */
  readonly before: number
  /** B after the block is [B X] times this matrix, `columns` x `kept`. */
  readonly rotation: Float64Array
  readonly kept: number
  /** Norms of B's columns after the block. */
  readonly scales: Float64Array
}

export interface Gram {
  /** For the block that is being stepped; undefined if it has no columns. */
  readonly last: BlockGram | undefined
}

export const gramPort = definePort<GramFacts, Gram>({
  name: 'gram',
  means:
    'How each block turned the factor, and the inner products of the factor and the block: coordinates of every step.',
})
