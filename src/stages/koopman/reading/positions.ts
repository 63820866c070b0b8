import { type Block, ThalwegError, type Turn } from '../../../stage/index.ts'

/** Positions of the members during a block, in r coordinates. */
export interface Positions {
  /** How the coordinates turn before the block; undefined if they do not. */
  readonly turn: Turn | undefined
  /** For each member, its position before the block's first column; undefined if it is not known. */
  readonly starts: readonly (Float64Array | undefined)[]
  /** For each member, its position after each column; undefined if it is not known. */
  readonly columns: readonly (readonly (Float64Array | undefined)[])[]
}

/** The address of w0 if absolute weights are wanted, else 0. */
export function originOf(block: Block, absolute: boolean): number {
  if (!absolute || block.length === 0) return 0
  if (block.weights === 0) {
    throw new ThalwegError(
      'E_CONFIG',
      'stage koopman: without an intercept it works on absolute weights, and no anchor has come before the first full block. Send an anchor first, or leave "intercept" on.'
    )
  }
  return block.weights
}

/** Running sums of a member's increments from a start, if its positions are known. */
export function along(
  start: Float64Array,
  increments: readonly Float64Array[],
  known: (column: number) => boolean
): (Float64Array | undefined)[] {
  const position = start.slice()
  return increments.map((increment, j) => {
    for (let i = 0; i < increment.length; i++) position[i]! += increment[i]!
    return known(j) ? position.slice() : undefined
  })
}
