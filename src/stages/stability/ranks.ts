import { cut } from './schedule.ts'

/** Ranks of a matrix from its singular values, largest first. All are 0 for a zero matrix. */
export function ranksOf(values: Float64Array, beta: number) {
  const largest = values[0]!
  const above = (share: number): number =>
    largest > 0 ? values.filter((value) => value >= share * largest).length : 0
  let squares = 0
  let fourths = 0
  for (const value of values) {
    const square = (value / largest) ** 2
    squares += square
    fourths += square * square
  }
  const numericalRank = above(cut)
  return {
    stableRank: largest > 0 ? squares : 0,
    participationRatio: largest > 0 ? (squares * squares) / fourths : 0,
    numericalRank,
    leftOut: values.length - numericalRank,
    keptRank: above(beta),
  }
}
