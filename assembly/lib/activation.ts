// Activations in f64, made only of operations whose results IEEE 754 fixes. They equal those in src/kernels/math.ts, which states the
// method.

const LN2_HIGH: f64 = 0.6931471803691238
const LN2_LOW: f64 = 1.9082149292705877e-10
const LOG2E: f64 = Math.LOG2E
/** 2 / √π */
const SLOPE_AT_ZERO: f64 = 1.1283791670955126

/** eˣ for |x| < 700. */
function exp(x: f64): f64 {
  const k = floor<f64>(x * LOG2E + 0.5)
  const r = x - k * LN2_HIGH - k * LN2_LOW
  let sum: f64 = 1
  for (let n: f64 = 16; n >= 1; n -= 1) sum = 1 + (r / n) * sum
  return sum * reinterpret<f64>((<i64>k + 1023) << 52)
}

function tanh(x: f64): f64 {
  const size = abs<f64>(x)
  if (size >= 0.55) {
    const value: f64 = size > 20 ? 1 : 1 - 2 / (exp(2 * size) + 1)
    return x < 0 ? -value : value
  }
  const s = x * x
  let sinh: f64 = 0
  let cosh: f64 = 0
  for (let k: f64 = 17; k >= 3; k -= 2) sinh = (s / (k * (k - 1))) * (1 + sinh)
  for (let k: f64 = 18; k >= 2; k -= 2) cosh = (s / (k * (k - 1))) * (1 + cosh)
  return (x * (1 + sinh)) / (1 + cosh)
}

function erf(x: f64): f64 {
  const size = abs<f64>(x)
  if (size > 6) return x < 0 ? -1 : 1
  const square = size * size
  if (size < 3) {
    let sum: f64 = 0
    for (let n: f64 = 60; n >= 1; n -= 1) sum = ((2 * square) / (2 * n + 1)) * (1 + sum)
    return SLOPE_AT_ZERO * exp(-square) * x * (1 + sum)
  }
  let fraction: f64 = 0
  for (let n: f64 = 40; n >= 1; n -= 1) fraction = n / 2 / (size + fraction)
  const rest = (SLOPE_AT_ZERO / 2) * (exp(-square) / (size + fraction))
  return x < 0 ? rest - 1 : 1 - rest
}

/** Activation number `kind`, in the order of `activations` in src/stages/edge/activation.ts. */
export function activation(kind: i32, x: f64): f64 {
  if (kind === 0) return x
  if (kind === 1) return x > 0 ? x : 0
  return kind === 2 ? tanh(x) : erf(x)
}

/** Slope of the activation at x, where its value is y. */
export function slope(kind: i32, x: f64, y: f64): f64 {
  if (kind === 0) return 1
  if (kind === 1) return x > 0 ? 1 : 0
  return kind === 2 ? 1 - y * y : SLOPE_AT_ZERO * exp(-min<f64>(x * x, 700))
}
