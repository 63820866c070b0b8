import type { Header } from '../../stage/index.ts'
import type { Matrix } from './layout.ts'

/** Bins of the histogram. */
export const bins = 32

/** Values that the owner of a tensor finds at a look, in this order, before the lists. */
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

/** Values for random matrices of the same shape, found at the first look. */
export const nullWords = ['tailExponentNull', 'tailExponentNullError'] as const

/** Singular values and the lists that go with them, and counts in bins from 0 to the largest value. */
export const lookLists = (rank: number) => ({
  values: rank,
  errors: rank,
  alignment: rank,
  counts: bins,
})

/** The header: values of the last look. */
export const stateShape = (matrix: Matrix | undefined) => ({
  words: ['looks', 'lookedAt', ...lookWords, ...nullWords] as const,
  lists: lookLists(matrix?.rank ?? 0),
})

export type SpectrumState = Header<ReturnType<typeof stateShape>>
