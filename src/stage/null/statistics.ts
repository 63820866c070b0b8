/** Number of earlier steps that a step is compared with. */
export const lags = 4

/** Number of sums per tile: squares of the four steps before a block, then the sums of `TensorStatistics.products`. */
export const productsOf = (length: number): number => lags + length * (lags + 1)

/** Number of bins in a histogram of the rows' energies: four per octave, from 2^-28 to 2^20 of the mean. */
export const energyBins = 192
export const lowestBin = -112

/** What a null needs to know of one tensor's steps. The sums are over its sampled rows, scaled up to all its rows. */
export interface TensorStatistics {
  /** Squared norms of the four steps before the block, newest first. */
  readonly before: Float64Array
  /** By column: its squared norm, then its inner products with the 1st to 4th column before it. */
  readonly products: Float64Array
  /** Number of rows in each bin. A row's energy is the sum of its squared steps so far, each relative to the usual norm at that step. */
  readonly energies: Float64Array
}

/** What a null needs to know of a member's block, measured on the fixed sample of rows (`engine/analysis/statistics.ts`). */
export interface StepStatistics {
  readonly seed: number
  /** Index of the block, and its number of columns. */
  readonly index: number
  readonly length: number
  /** By index in `open.tensors`. Tensors without a sampled row are missing. */
  readonly tensors: ReadonlyMap<number, TensorStatistics>
}

/** The sum over some tensors; undefined if none of them was sampled. */
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

/** Cosines of column j with the 1st to 4th step before it; 0 for a step that did not move. */
export function cosinesOf({ before, products }: TensorStatistics, j: number): Float64Array {
  const square = (column: number): number =>
    column < 0 ? before[-1 - column]! : products[column * (lags + 1)]!
  return Float64Array.from({ length: lags }, (_, k) => {
    const lengths = Math.sqrt(square(j)) * Math.sqrt(square(j - 1 - k))
    return lengths > 0 ? products[j * (lags + 1) + 1 + k]! / lengths : 0
  })
}
