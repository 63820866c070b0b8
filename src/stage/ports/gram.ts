import { definePort } from './port.ts'

export interface GramFacts {
  /** Directions that are reported. */
  readonly rank: number
  /** Most that are kept. */
  readonly columns: number
  readonly storageBytes: 4 | 8
}

/** What a block did to a decomposition's factor B: all small, by rows, valid until the next block. */
export interface BlockGram {
  /** Gram matrix of [B X] (and of q where positions are decomposed) before the rotation, packed upper triangle. */
  readonly gram: Float64Array
  readonly columns: number
  /** Columns of B before the block. */
  readonly before: number
  /** B after the block is [B X] times this, `columns` x `kept`. */
  readonly rotation: Float64Array
  readonly kept: number
  /** Norms of B's columns after the block. */
  readonly scales: Float64Array
}

export interface Gram {
  /** Of the block that is being stepped; undefined where it brought no column. */
  readonly last: BlockGram | undefined
}

export const gramPort = definePort<GramFacts, Gram>({
  name: 'gram',
  means:
    'How each block turned the factor, and the inner products of the factor and the block: coordinates of every step.',
})
