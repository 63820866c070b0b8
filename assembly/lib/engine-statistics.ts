// Measures a member's steps for its nulls, tile by tile, on columns of 4 or 8 bytes per element.
import { madd64, pair, sum64, TILE } from './simd'

/** Number of earlier steps that a step is compared with; equals `lags` of the TypeScript code. */
const LAGS: i32 = 4

/** Inner product of two columns over a tile. Products of two f32 are exact in f64. @inline */
function inner<A, B>(a: usize, b: usize): f64 {
  let first = f64x2.splat(0)
  let second = first
  for (let i = 0; i < TILE; i += 4) {
    const u = pair<A>(a)
    const v = pair<A>(a + 2 * sizeof<A>())
    const x = pair<B>(b)
    const y = pair<B>(b + 2 * sizeof<B>())
    if (sizeof<A>() === 4 && sizeof<B>() === 4) {
      first = madd64(u, x, first)
      second = madd64(v, y, second)
    } else {
      first = f64x2.add(first, f64x2.mul(u, x))
      second = f64x2.add(second, f64x2.mul(v, y))
    }
    a += 4 * sizeof<A>()
    b += 4 * sizeof<B>()
  }
  return sum64(f64x2.add(first, second))
}

/** @inline */
function products<T>(x: usize, stride: usize, count: i32, before: usize, out: usize): void {
  for (let k = 0; k < LAGS; k++) {
    const own = before + ((<usize>k * TILE) << 2)
    store<f64>(out, inner<f32, f32>(own, own))
    out += 8
  }
  for (let j = 0; j < count; j++) {
    const own = x + <usize>j * stride
    for (let k = 0; k <= LAGS; k++) {
      const product =
        k <= j
          ? inner<T, T>(own, own - <usize>k * stride)
          : inner<T, f32>(own, before + ((<usize>(k - j - 1) * TILE) << 2))
      store<f64>(out, product)
      out += 8
    }
  }
}

/**
 * Sums over a tile of `count` columns: first the squares of the four columns before them, which lie newest first at `before` (f32, one tile
 * each); then, for each column, its square and its products with the 1st to 4th column before it.
 */
export function step_products(
  x: usize,
  stride: usize,
  count: i32,
  elementBytes: i32,
  before: usize,
  out: usize
): void {
  if (elementBytes === 8) products<f64>(x, stride, count, before, out)
  else products<f32>(x, stride, count, before, out)
}

/** Adds the weighted squares of the steps of two rows. @inline */
function energyOf<T>(x: usize, stride: usize, count: i32, weights: usize, energy: v128): v128 {
  for (let j = 0; j < count; j++) {
    const u = pair<T>(x)
    const square = f64x2.mul(f64x2.mul(u, u), v128.load64_splat(weights + ((<usize>j) << 3)))
    energy = f64x2.add(energy, square)
    x += stride
  }
  return energy
}

/** Counts one more row in the bin of this energy; skips a row that never moved. @inline */
function enter(histogram: usize, energy: f64, lowest: i32, bins: i32): void {
  if (energy === 0) return
  const quarter = <i32>(reinterpret<u64>(energy) >> 50) - (1023 << 2) - lowest
  const bin = histogram + ((<usize>min(max(quarter, 0), bins - 1)) << 3)
  store<f64>(bin, load<f64>(bin) + 1)
}

/**
 * Adds to the energy of each row of a tile its squared steps, each times its column's weight (f64, at `weights`); keeps the result if
 * `commit`. Counts rows by the logarithm of energy times `scale` in `histogram`, which has `bins` quarters of an octave from `lowest` on.
 */
export function row_energies(
  x: usize,
  stride: usize,
  count: i32,
  elementBytes: i32,
  weights: usize,
  energy: usize,
  commit: bool,
  scale: f64,
  histogram: usize,
  lowest: i32,
  bins: i32
): void {
  for (let i = 0; i < TILE; i += 2) {
    const own = energy + ((<usize>i) << 3)
    let sum = v128.load(own)
    sum =
      elementBytes === 8
        ? energyOf<f64>(x + ((<usize>i) << 3), stride, count, weights, sum)
        : energyOf<f32>(x + ((<usize>i) << 2), stride, count, weights, sum)
    if (commit) v128.store(own, sum)
    enter(histogram, f64x2.extract_lane(sum, 0) * scale, lowest, bins)
    enter(histogram, f64x2.extract_lane(sum, 1) * scale, lowest, bins)
  }
}
