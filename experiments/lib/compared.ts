import { thalweg } from './thalweg.ts'

/** What `thalweg compare --json` prints of one figure of two groups, as far as it is read here. */
export interface Compared {
  readonly figure: string
  readonly groups: readonly [string, string]
  /** Mean distances of runs of different groups, and of runs of each. */
  readonly between: number
  readonly within: readonly [number, number]
  /** Between over the mean within. */
  readonly ratio: number
  readonly test: { readonly p: number }
}

/** Compares groups of stored runs: folders within one folder, or files. */
export function compared(...told: string[]): Compared[] {
  const { comparisons, refused } = JSON.parse(thalweg(['compare', ...told, '--json'])) as {
    comparisons: Compared[]
    refused: { refused: string }[]
  }
  if (refused[0]) throw new Error(refused[0].refused)
  return comparisons
}
