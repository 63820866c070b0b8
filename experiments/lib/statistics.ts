export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, own) => sum + own, 0) / values.length

/** Standard error of the mean. */
export function errorOf(values: readonly number[]): number {
  const centre = meanOf(values)
  const squares = values.reduce((sum, own) => sum + (own - centre) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1) / values.length)
}
