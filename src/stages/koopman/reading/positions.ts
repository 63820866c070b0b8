import { type Block, ThalwegError, type Turn } from '../../../stage/index.ts'

/** Where members are during a block, in r coordinates. */
export interface Positions {
  /** How the coordinates turn before the block; undefined where they stay. */
  readonly turn: Turn | undefined
  /** Of each member: before the block's first column; undefined where that is not known. */
  readonly starts: readonly (Float64Array | undefined)[]
  /** Of each member after each column; undefined where it is not known. */
  readonly columns: readonly (readonly (Float64Array | undefined)[])[]
}

/** The address of w0 where absolute weights are asked for, else 0. */
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

/** Running sums of a member's increments from a start, where its positions are known. */
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
