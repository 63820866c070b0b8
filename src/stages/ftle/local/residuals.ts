import type { Operator } from './operator.ts'
import type { Pairs } from './pairs.ts'

/** Residuals of a linear map, v - A y - c, for each pair, in each scaled direction. */
export function residualsOf({ a, c }: Operator, { points, size, pairs }: Pairs): Float64Array[] {
  return Array.from({ length: size }, (_, k) =>
    Float64Array.from({ length: pairs }, (_, t) => {
      let rest = points[(t + 1) * size + k]! - c[k]!
      for (let j = 0; j < size; j++) rest -= a[k * size + j]! * points[t * size + j]!
      return rest
    })
  )
}

/** Least share of the residuals' variance for a direction to be tested. */
const leastShare = 0.01

/** Most lags that are tested. */
const mostLags = 10

/** Residuals are not white beyond this many deviations of what white ones have by chance; among some hundred tests none should be. */
const beyond = 4.5

/**
 * A property of the residuals that a linear map with white noise cannot have caused; undefined if they are white. Two tests in every
 * direction that matters: the sum of squared autocorrelations (Ljung and Box 1978), and correlations with squares and cubes of the
 * positions, which a nonlinear map leaves even if its orbit has no memory.
 */
export function notWhite(operator: Operator, pairs: Pairs): string | undefined {
  const residuals = residualsOf(operator, pairs)
  const energies = residuals.map((e, k) => energyOf(e) * pairs.lengths[k]! * pairs.lengths[k]!)
  const whole = energies.reduce((a, b) => a + b, 0)
  const tested = residuals.filter((_, k) => energies[k]! > leastShare * whole)
  if (tested.some((e) => memoryOf(e) > beyond)) return 'are correlated from step to step'
  if (tested.some((e) => curvatureOf(e, pairs) > beyond)) return 'depend on the position'
  return undefined
}

const energyOf = (e: Float64Array): number => e.reduce((sum, value) => sum + value * value, 0)

/** The statistic of Ljung and Box, in deviations above its mean. */
function memoryOf(e: Float64Array): number {
  const n = e.length
  const lags = Math.min(mostLags, n >> 3)
  const energy = energyOf(e)
  if (lags === 0 || energy === 0) return 0
  let sum = 0
  for (let lag = 1; lag <= lags; lag++) {
    let product = 0
    for (let t = lag; t < n; t++) product += e[t]! * e[t - lag]!
    sum += ((product / energy) * (product / energy)) / (n - lag)
  }
  return (n * (n + 2) * sum - lags) / Math.sqrt(2 * lags)
}

/** The largest correlation of residuals with a square or cube of a position, in deviations. */
function curvatureOf(e: Float64Array, { points, size }: Pairs): number {
  const n = e.length
  const energy = energyOf(e)
  if (energy === 0) return 0
  let largest = 0
  for (let k = 0; k < size; k++) {
    const y = Float64Array.from({ length: n }, (_, t) => points[t * size + k]!)
    for (const power of [y.map((v) => v * v), y.map((v) => v * v * v)]) {
      const mean = power.reduce((sum, v) => sum + v, 0) / n
      let product = 0
      let square = 0
      for (let t = 0; t < n; t++) {
        const v = power[t]! - mean
        product += e[t]! * v
        square += v * v
      }
      if (square > 0) {
        largest = Math.max(largest, (Math.abs(product) / Math.sqrt(energy * square)) * Math.sqrt(n))
      }
    }
  }
  return largest
}
