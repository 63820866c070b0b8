import type { ScopeShape } from './scope.ts'

/** Most rows of a part of a sketch that this run makes, for a model of any size. */
export const sketchRows = 2 ** 16

/** Relative standard deviation of a norm or a singular value caused by folding to this many rows. */
export function foldingError(rows: number): number {
  return Math.sqrt(1 / (2 * rows))
}

/** Whether rows of a scope are signed sums of weights, so that no single weight is known. */
export function isSketch({ tensors }: Pick<ScopeShape, 'tensors'>): boolean {
  return tensors.some(({ folded }) => folded !== undefined)
}

/** The folding error of a scope: that of its folded tensor with the fewest rows, 0 if no tensor is folded. */
export function sketchError({ tensors }: Pick<ScopeShape, 'tensors'>): number {
  return tensors.reduce(
    (most, { folded, rows }) => (folded === undefined ? most : Math.max(most, foldingError(rows))),
    0
  )
}
