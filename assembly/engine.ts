// What the engine itself does to columns: it pairs members, keeps positions and separations, and corrects them by anchors.
//
// Layout: columns are contiguous, 4 or 8 bytes per element (`elementBytes`). Positions are pairs of f32 whose f64 sum is the value, rounded
// once per block. Separations and accumulators are f64. Nothing here sums over rows. No scratch.
import { f64_to_f32 } from './lib/engine-widen'
import { element, pair, wide } from './lib/simd'

export { anchor_positions, anchor_separation } from './lib/engine-anchors'
export { fold, fold_sparse } from './lib/engine-fold'
export { null_tile, scale_f32 } from './lib/engine-null'
export { row_energies, step_products } from './lib/engine-statistics'
export {
  bf16_to_f32,
  count_unusable_f32,
  count_unusable_f64,
  f16_to_f32,
  f32_to_f64,
  f64_to_f32,
} from './lib/engine-widen'

/** @inline */
function setElement(p: usize, row: usize, elementBytes: i32, value: f64): void {
  if (elementBytes === 8) store<f64>(p + (row << 3), value)
  else store<f32>(p + (row << 2), <f32>value)
}

/** x <- x - zero, rounded once. For f32 the result equals the difference in f64, rounded. */
export function difference(x: usize, zero: usize, n: i32, elementBytes: i32): void {
  const end = x + <usize>n * elementBytes
  for (; x + 16 <= end; x += 16, zero += 16) {
    const a = v128.load(x)
    const b = v128.load(zero)
    v128.store(x, elementBytes === 8 ? f64x2.sub(a, b) : f32x4.sub(a, b))
  }
  for (; x < end; x += elementBytes, zero += elementBytes)
    setElement(x, 0, elementBytes, element(x, 0, elementBytes) - element(zero, 0, elementBytes))
}

/** @inline */
function accumulateOf<T>(sum: usize, x: usize, n: i32): void {
  let i = 0
  for (; i <= n - 2; i += 2) {
    v128.store(sum, f64x2.add(v128.load(sum), pair<T>(x)))
    sum += 16
    x += 2 * sizeof<T>()
  }
  if (i < n) store<f64>(sum, load<f64>(sum) + <f64>load<T>(x))
}

/** sum <- sum + x, in f64. */
export function accumulate(sum: usize, x: usize, n: i32, elementBytes: i32): void {
  if (elementBytes === 8) accumulateOf<f64>(sum, x, n)
  else accumulateOf<f32>(sum, x, n)
}

/** x <- sum, sum <- 0. */
export function settle(sum: usize, x: usize, n: i32, elementBytes: i32): void {
  if (elementBytes === 8) memory.copy(x, sum, (<usize>n) << 3)
  else f64_to_f32(sum, x, n)
  memory.fill(sum, 0, (<usize>n) << 3)
}

/** @inline */
function advancePositions<T>(
  high: usize,
  low: usize,
  x: usize,
  stride: usize,
  count: i32,
  n: i32
): void {
  for (let i = 0; i < n; i += 8) {
    let a = f64x2.add(wide(high), wide(low))
    let b = f64x2.add(wide(high + 8), wide(low + 8))
    let c = f64x2.add(wide(high + 16), wide(low + 16))
    let d = f64x2.add(wide(high + 24), wide(low + 24))
    let column = x
    for (let j = 0; j < count; j++) {
      a = f64x2.add(a, pair<T>(column))
      b = f64x2.add(b, pair<T>(column + 2 * sizeof<T>()))
      c = f64x2.add(c, pair<T>(column + 4 * sizeof<T>()))
      d = f64x2.add(d, pair<T>(column + 6 * sizeof<T>()))
      column += stride
    }
    split(a, high, low)
    split(b, high + 8, low + 8)
    split(c, high + 16, low + 16)
    split(d, high + 24, low + 24)
    x += 8 * sizeof<T>()
    high += 32
    low += 32
  }
}

/** Splits two positions into pairs of f32. @inline */
function split(position: v128, high: usize, low: usize): void {
  const rounded = f32x4.demote_f64x2_zero(position)
  v128.store64_lane(high, rounded, 0)
  v128.store64_lane(
    low,
    f32x4.demote_f64x2_zero(f64x2.sub(position, f64x2.promote_low_f32x4(rounded))),
    0
  )
}

/** high + low <- high + low + the sum of `count` columns, in f64, split again into a pair of f32. Whole tiles. */
export function advance_positions(
  high: usize,
  low: usize,
  x: usize,
  stride: usize,
  count: i32,
  n: i32,
  elementBytes: i32
): void {
  if (elementBytes === 8) advancePositions<f64>(high, low, x, stride, count, n)
  else advancePositions<f32>(high, low, x, stride, count, n)
}

/** @inline */
function weightsAfter<T>(
  weights: usize,
  high: usize,
  low: usize,
  x: usize,
  stride: usize,
  count: i32,
  n: i32,
  out: usize
): void {
  for (let i = 0; i < n; i += 2) {
    let w = f64x2.add(wide(high), wide(low))
    if (weights !== 0) {
      w = f64x2.add(w, wide(weights))
      weights += 8
    }
    let column = x
    for (let j = 0; j < count; j++) {
      w = f64x2.add(w, pair<T>(column))
      column += stride
    }
    v128.store(out, w)
    x += 2 * sizeof<T>()
    high += 8
    low += 8
    out += 16
  }
}

/** out <- weights + high + low + the sum of `count` columns, in f64; weights may be 0. Whole tiles. */
export function weights_after(
  weights: usize,
  high: usize,
  low: usize,
  x: usize,
  stride: usize,
  count: i32,
  n: i32,
  elementBytes: i32,
  out: usize
): void {
  if (elementBytes === 8) weightsAfter<f64>(weights, high, low, x, stride, count, n, out)
  else weightsAfter<f32>(weights, high, low, x, stride, count, n, out)
}

/** @inline */
function advanceSeparation<T>(
  separation: usize,
  x: usize,
  stride: usize,
  count: i32,
  n: i32
): void {
  for (let i = 0; i < n; i += 8) {
    let a = v128.load(separation)
    let b = v128.load(separation, 16)
    let c = v128.load(separation, 32)
    let d = v128.load(separation, 48)
    let column = x
    for (let j = 0; j < count; j++) {
      a = f64x2.add(a, pair<T>(column))
      b = f64x2.add(b, pair<T>(column + 2 * sizeof<T>()))
      c = f64x2.add(c, pair<T>(column + 4 * sizeof<T>()))
      d = f64x2.add(d, pair<T>(column + 6 * sizeof<T>()))
      column += stride
    }
    v128.store(separation, a)
    v128.store(separation, b, 16)
    v128.store(separation, c, 32)
    v128.store(separation, d, 48)
    x += 8 * sizeof<T>()
    separation += 64
  }
}

/** separation <- separation + the sum of `count` columns. Whole tiles. */
export function advance_separation(
  separation: usize,
  x: usize,
  stride: usize,
  count: i32,
  n: i32,
  elementBytes: i32
): void {
  if (elementBytes === 8) advanceSeparation<f64>(separation, x, stride, count, n)
  else advanceSeparation<f32>(separation, x, stride, count, n)
}
