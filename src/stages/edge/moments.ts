import {
  type Block,
  fanIn,
  type MatrixShape,
  readWeights,
  type StageContext,
  tileRows,
} from '../../stage/index.ts'

/** J = std(W) √N and J₀ = mean(W) N of a matrix with N inputs to each output. */
export interface Moments {
  readonly j: number
  readonly j0: number
}

/**
 * Both moments after a column, in f64. Two passes, with sums by tiles: the spread is measured about the mean, so that it loses no digits.
 */
export function momentsAfter(
  { arena, scope }: Pick<StageContext<unknown>, 'arena' | 'scope'>,
  shape: MatrixShape,
  block: Block,
  column: number,
  staging: number
): Moments {
  const count = shape.rows * shape.columns
  const sumOf = (of: (w: number) => number): number => {
    let total = 0
    readWeights(arena, block, scope, column, staging, (piece) => {
      for (let from = 0; from < piece.length; from += tileRows) {
        let sum = 0
        for (let i = from; i < Math.min(from + tileRows, piece.length); i++) sum += of(piece[i]!)
        total += sum
      }
    })
    return total
  }
  const mean = sumOf((w) => w) / count
  const squares = sumOf((w) => (w - mean) * (w - mean))
  const n = fanIn(shape)
  return { j: Math.sqrt((squares / count) * n), j0: mean * n }
}
