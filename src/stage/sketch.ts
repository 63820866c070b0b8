import type { ScopeShape } from './scope.ts'

/** Rows of a sketch that is made here, as many for a model of any size. */
export const sketchRows = 2 ** 16

/** Relative standard deviation of a norm, and of a singular value, by folding to so many rows. */
export function foldingError(rows: number): number {
  return Math.sqrt(1 / (2 * rows))
}

/** Whether rows of a scope are signed sums of weights, so that no weight is known by itself. */
export function isSketch({ tensors }: Pick<ScopeShape, 'tensors'>): boolean {
  return tensors.some(({ folded }) => folded !== undefined)
}

/** The folding error of a scope: that of its tensor of the fewest folded rows, 0 where none is folded. */
export function sketchError({ tensors }: Pick<ScopeShape, 'tensors'>): number {
  return tensors.reduce(
    (most, { folded, rows }) => (folded === undefined ? most : Math.max(most, foldingError(rows))),
    0
  )
}
