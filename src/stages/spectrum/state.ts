import type { Header } from '../../stage/index.ts'
import type { Matrix } from './layout.ts'

/** Bins of the histogram. */
export const bins = 32

/** What the owner of a tensor makes of a look, in this order, before the lists. */
export const lookWords = [
  'frobeniusNorm',
  'outliers',
  'bulkDistance',
  'tailExponent',
  'tailExponentError',
  'tailDistance',
  'tailCount',
  'overlap',
] as const

/** Of random matrices of the same shape, found at the first look. */
export const nullWords = ['tailExponentNull', 'tailExponentNullError'] as const

/** Singular values and what goes with each, and counts between 0 and the largest. */
export const lookLists = (rank: number) => ({
  values: rank,
  errors: rank,
  alignment: rank,
  counts: bins,
})

/** The header: of the last look. */
export const stateShape = (matrix: Matrix | undefined) => ({
  words: ['looks', 'lookedAt', ...lookWords, ...nullWords] as const,
  lists: lookLists(matrix?.rank ?? 0),
})

export type SpectrumState = Header<ReturnType<typeof stateShape>>
