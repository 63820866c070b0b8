/** The exponent of y = c xᵉ by least squares of the logarithms, with its standard error. */
export function exponentOf(
  x: readonly number[],
  y: readonly number[]
): { exponent: number; error: number } {
  const [u, v] = [x.map(Math.log), y.map(Math.log)]
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const [mu, mv] = [mean(u), mean(v)]
  const spread = u.reduce((sum, own) => sum + (own - mu) ** 2, 0)
  const exponent = u.reduce((sum, own, i) => sum + (own - mu) * (v[i]! - mv), 0) / spread
  const rest = u.reduce((sum, own, i) => sum + (v[i]! - mv - exponent * (own - mu)) ** 2, 0)
  return { exponent, error: Math.sqrt(rest / (x.length - 2) / spread) }
}
