/** Steps back that a step is compared with. */
export const lags = 4

/** Sums that are made of a tile: squares of the four steps before a block, then those of `TensorStatistics.products`. */
export const productsOf = (length: number): number => lags + length * (lags + 1)

/** Bins of a histogram of the rows' energies: four to an octave, from 2^-28 to 2^20 of the mean. */
export const energyBins = 192
export const lowestBin = -112

/** What a null needs to know of one tensor's steps, in sums over its sampled rows that stand for all its rows. */
export interface TensorStatistics {
  /** Squared norms of the four steps before the block, newest first. */
  readonly before: Float64Array
  /** By column: its squared norm, then its inner products with the 1st to 4th column before it. */
  readonly products: Float64Array
  /** How many rows have an energy of each bin: the sum of their squared steps so far, each relative to the usual norm then. */
  readonly energies: Float64Array
}

/** What a null needs to know of a member's block, measured on the fixed sample of rows (`engine/analysis/statistics.ts`). */
export interface StepStatistics {
  readonly seed: number
  /** Index of the block, and its columns. */
  readonly index: number
  readonly length: number
  /** By index in `open.tensors`; tensors without a sampled row have none. */
  readonly tensors: ReadonlyMap<number, TensorStatistics>
}

/** The sum over some tensors; undefined where none of them was sampled. */
export function pooled(
  { tensors }: StepStatistics,
  indices: readonly number[]
): TensorStatistics | undefined {
  const own = indices.flatMap((index) => tensors.get(index) ?? [])
  const sum = (of: keyof TensorStatistics): Float64Array =>
    own[0]![of].map((_, i) => own.reduce((total, each) => total + each[of][i]!, 0))
  return own.length < 2
    ? own[0]
    : { before: sum('before'), products: sum('products'), energies: sum('energies') }
}

/** Cosines of column j with the 1st to 4th step before it; 0 with one that did not move. */
export function cosinesOf({ before, products }: TensorStatistics, j: number): Float64Array {
  const square = (column: number): number =>
    column < 0 ? before[-1 - column]! : products[column * (lags + 1)]!
  return Float64Array.from({ length: lags }, (_, k) => {
    const lengths = Math.sqrt(square(j)) * Math.sqrt(square(j - 1 - k))
    return lengths > 0 ? products[j * (lags + 1) + 1 + k]! / lengths : 0
  })
}
