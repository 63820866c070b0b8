// Inner loops of `edge`: what runs for every weight or at every step of a hidden map.
import { activation, slope } from './lib/activation'
import { pair } from './lib/simd'

/** @inline */
function inner<T>(x: usize, y: usize, n: i32): f64 {
  let a = f64x2.splat(0)
  let b = a
  for (let i = 0; i < n; i += 4) {
    a = f64x2.add(a, f64x2.mul(pair<T>(x), pair<T>(y)))
    b = f64x2.add(b, f64x2.mul(pair<T>(x + 2 * sizeof<T>()), pair<T>(y + 2 * sizeof<T>())))
    x += 4 * sizeof<T>()
    y += 4 * sizeof<T>()
  }
  a = f64x2.add(a, b)
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1)
}

/** @inline */
function lags<T>(x: usize, stride: usize, count: i32, n: i32, out: usize): void {
  for (let j = 0; j < count; j++) {
    const own = x + <usize>j * stride
    for (let lag = 0; lag < 3; lag++) {
      const value = lag > j ? 0 : inner<T>(own, own - <usize>lag * stride, n)
      store<f64>(out, value)
      out += 8
    }
  }
}

/**
 * Writes three numbers for each of `count` columns: its inner products with itself, with the column before it and with the second one
 * before it, or 0 if there is no such column. n is a multiple of four; sums run in f64 over four lanes.
 */
export function edge_lags(
  x: usize,
  stride: usize,
  count: i32,
  elementBytes: i32,
  n: i32,
  out: usize
): void {
  if (elementBytes === 8) lags<f64>(x, stride, count, n, out)
  else lags<f32>(x, stride, count, n, out)
}

/** x <- φ(x) over n numbers in f64, φ the activation `kind`. Also writes the slopes to `slopes` unless that is 0. */
export function edge_activate(x: usize, n: i32, kind: i32, slopes: usize): void {
  for (let i = 0; i < n; i++, x += 8) {
    const value = load<f64>(x)
    const y = activation(kind, value)
    store<f64>(x, y)
    if (slopes !== 0) store<f64>(slopes + ((<usize>i) << 3), slope(kind, value, y))
  }
}
