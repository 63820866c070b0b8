/** Mean of some values, and the sum of their squared differences from it. */
export interface Scatter {
  readonly mean: number
  readonly squares: number
}

export function scatterOf(values: ArrayLike<number>): Scatter {
  const count = values.length
  let sum = 0
  for (let i = 0; i < count; i++) sum += values[i]!
  const mean = sum / count
  let squares = 0
  for (let i = 0; i < count; i++) squares += (values[i]! - mean) * (values[i]! - mean)
  return { mean, squares }
}
