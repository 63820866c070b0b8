// Elementary functions made only of operations whose results IEEE 754 fixes. So figures and references are the same bits in every
// engine. The relative error is below 4e-16 over the ranges stated.

const f64 = new Float64Array(1)
const u32 = new Uint32Array(f64.buffer)
const ln2High = 0.6931471803691238
const ln2Low = 1.9082149292705877e-10

/** ln x for x >= 0: x = 2^k m with m in [√½, √2), ln m = 2 artanh((m - 1) / (m + 1)) by its series. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : Number.NaN
  if (x === Infinity) return x
  let exponent = 0
  if (x < 2.2250738585072014e-308) {
    x *= 2 ** 54
    exponent = -54
  }
  f64[0] = x
  exponent += (u32[1]! >>> 20) - 1023
  u32[1] = (u32[1]! & 0xfffff) | 0x3ff00000
  let m = f64[0]!
  if (m > Math.SQRT2) {
    m /= 2
    exponent++
  }
  const f = (m - 1) / (m + 1)
  const s = f * f
  let series = 0
  for (let k = 25; k >= 3; k -= 2) series = s * (series + 1 / k)
  return exponent * ln2High + (2 * f + (2 * f * series + exponent * ln2Low))
}

/** sin and cos of an angle in [0, 2π], reduced to [-π/4, π/4] and summed by Taylor's series. */
export function sinCos(angle: number): [sin: number, cos: number] {
  const quadrant = Math.floor(angle * 0.6366197723675814 + 0.5)
  const r = angle - quadrant * 1.5707963267341256 - quadrant * 6.077100506506192e-11
  const s = r * r
  let sin = 0
  let cos = 0
  for (let k = 17; k >= 3; k -= 2) sin = (-s / (k * (k - 1))) * (1 + sin)
  for (let k = 18; k >= 2; k -= 2) cos = (-s / (k * (k - 1))) * (1 + cos)
  sin = r * (1 + sin)
  cos = 1 + cos
  switch (quadrant & 3) {
    case 0:
      return [sin, cos]
    case 1:
      return [cos, -sin]
    case 2:
      return [-sin, -cos]
    default:
      return [-cos, sin]
  }
}

/** eˣ for |x| < 700: x = k ln 2 + r, e^r by Taylor's series. */
export function exp(x: number): number {
  const k = Math.floor(x * Math.LOG2E + 0.5)
  const r = x - k * ln2High - k * ln2Low
  let sum = 1
  for (let n = 16; n >= 1; n--) sum = 1 + (r / n) * sum
  return sum * 2 ** k
}

/** Below this, tanh is a quotient of series; above it, a quotient of exponentials. */
const smallAngle = 0.55

/** tanh x for all x: sinh x / cosh x by Taylor's series, or 1 - 2 / (e²ˣ + 1). */
export function tanh(x: number): number {
  const size = Math.abs(x)
  if (size >= smallAngle) {
    const value = size > 20 ? 1 : 1 - 2 / (exp(2 * size) + 1)
    return x < 0 ? -value : value
  }
  const s = x * x
  let sinh = 0
  let cosh = 0
  for (let k = 17; k >= 3; k -= 2) sinh = (s / (k * (k - 1))) * (1 + sinh)
  for (let k = 18; k >= 2; k -= 2) cosh = (s / (k * (k - 1))) * (1 + cosh)
  return (x * (1 + sinh)) / (1 + cosh)
}

/** 2 / √π */
const slopeAtZero = 1.1283791670955126

/**
 * erf x for all x. Below 3 it is e^(-x²) Σ 2ⁿ x^(2n+1) / (2n + 1)!!, from 3 on the continued fraction of the complement. The
 * absolute error is below 4e-16, the relative error below 8e-16.
 */
export function erf(x: number): number {
  const size = Math.abs(x)
  if (size > 6) return x < 0 ? -1 : 1
  const square = size * size
  if (size < 3) {
    let sum = 0
    for (let n = 60; n >= 1; n--) sum = ((2 * square) / (2 * n + 1)) * (1 + sum)
    return slopeAtZero * exp(-square) * x * (1 + sum)
  }
  let fraction = 0
  for (let n = 40; n >= 1; n--) fraction = n / 2 / (size + fraction)
  const rest = (slopeAtZero / 2) * (exp(-square) / (size + fraction))
  return x < 0 ? rest - 1 : 1 - rest
}

/** The angle of (x, y) to the first axis, in [-π, π], 0 at the origin. It is halved twice, then computed by the arctangent's series. */
export function angle(x: number, y: number): number {
  const [a, b] = [Math.abs(x), Math.abs(y)]
  if (a === 0 && b === 0) return 0
  const tangent = a < b ? a / b : b / a
  const half = tangent / (1 + Math.sqrt(1 + tangent * tangent))
  const quarter = half / (1 + Math.sqrt(1 + half * half))
  const s = quarter * quarter
  let series = 0
  for (let k = 27; k >= 3; k -= 2) series = s * (1 / k - series)
  const acute = 4 * (quarter - quarter * series)
  const upper = a < b ? Math.PI / 2 - acute : acute
  const full = x < 0 ? Math.PI - upper : upper
  return y < 0 ? -full : full
}

/** arccos x for x in [-1, 1], NaN beyond; near -1 and 1 the error is that of x itself. */
export function acos(x: number): number {
  return angle(x, Math.sqrt((1 - x) * (1 + x)))
}
