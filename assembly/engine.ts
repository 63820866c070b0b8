// What the engine itself does to columns: pairing members, keeping positions and separations, correcting them by anchors.
//
// Layout: columns are contiguous, 4 or 8 bytes an element (`eb`); positions are f32 pairs whose f64 sum is the value,
// rounded once a block; separations and accumulators are f64. Nothing here sums over rows but the two of anchors, whose
// sums run per tile in the tile tree. Scratch: the tree's stack alone.
import { f64_to_f32 } from './lib/engine-widen'
import { pair, TILE, wide } from './lib/simd'
import { treePush, treeSlot } from './lib/tree'

export { fold, fold_sparse } from './lib/engine-fold'
export { null_tile, scale_f32 } from './lib/engine-null'
export {
  bf16_to_f32,
  count_unusable_f32,
  count_unusable_f64,
  f16_to_f32,
  f32_to_f64,
  f64_to_f32,
} from './lib/engine-widen'

// @ts-ignore: decorator
@inline
function element(p: usize, row: usize, eb: i32): f64 {
  return eb == 8 ? load<f64>(p + (row << 3)) : <f64>load<f32>(p + (row << 2))
}

// @ts-ignore: decorator
@inline
function setElement(p: usize, row: usize, eb: i32, value: f64): void {
  if (eb == 8) store<f64>(p + (row << 3), value)
  else store<f32>(p + (row << 2), <f32>value)
}

/** x <- x - zero, rounded once: a difference in f32 is the one in f64 rounded. */
export function difference(x: usize, zero: usize, n: i32, eb: i32): void {
  const end = x + <usize>n * eb
  for (; x + 16 <= end; x += 16, zero += 16) {
    const a = v128.load(x)
    const b = v128.load(zero)
    v128.store(x, eb == 8 ? f64x2.sub(a, b) : f32x4.sub(a, b))
  }
  for (; x < end; x += eb, zero += eb) setElement(x, 0, eb, element(x, 0, eb) - element(zero, 0, eb))
}

// @ts-ignore: decorator
@inline
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
export function accumulate(sum: usize, x: usize, n: i32, eb: i32): void {
  if (eb == 8) accumulateOf<f64>(sum, x, n)
  else accumulateOf<f32>(sum, x, n)
}

/** x <- sum, sum <- 0. */
export function settle(sum: usize, x: usize, n: i32, eb: i32): void {
  if (eb == 8) memory.copy(x, sum, <usize>n << 3)
  else f64_to_f32(sum, x, n)
  memory.fill(sum, 0, <usize>n << 3)
}

// @ts-ignore: decorator
@inline
function advancePositions<T>(high: usize, low: usize, x: usize, stride: usize, count: i32, n: i32): void {
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

/** Two positions as f32 pairs. */
// @ts-ignore: decorator
@inline
function split(position: v128, high: usize, low: usize): void {
  const rounded = f32x4.demote_f64x2_zero(position)
  v128.store64_lane(high, rounded, 0)
  v128.store64_lane(low, f32x4.demote_f64x2_zero(f64x2.sub(position, f64x2.promote_low_f32x4(rounded))), 0)
}

/** high + low <- high + low + the sum of `count` columns, in f64, split again into an f32 pair. Whole tiles. */
export function advance_positions(high: usize, low: usize, x: usize, stride: usize, count: i32, n: i32, eb: i32): void {
  if (eb == 8) advancePositions<f64>(high, low, x, stride, count, n)
  else advancePositions<f32>(high, low, x, stride, count, n)
}

// @ts-ignore: decorator
@inline
function advanceSeparation<T>(separation: usize, x: usize, stride: usize, count: i32, n: i32): void {
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
export function advance_separation(separation: usize, x: usize, stride: usize, count: i32, n: i32, eb: i32): void {
  if (eb == 8) advanceSeparation<f64>(separation, x, stride, count, n)
  else advanceSeparation<f32>(separation, x, stride, count, n)
}

/** Sum over the `count` columns whose addresses stand in `table`, and over the accumulator where there is one. */
// @ts-ignore: decorator
@inline
function moved(table: usize, count: i32, row: usize, eb: i32, sum: usize): f64 {
  let total: f64 = sum != 0 ? load<f64>(sum + (row << 3)) : 0
  for (let j = 0; j < count; j++) total += element(load<u32>(table + (<usize>j << 2)), row, eb)
  return total
}

/**
 * Corrects positions by an anchor a of member 0. With m the movement since the positions were taken, the prediction is
 * w0 + high + low + m; the drift a - prediction is added to the pair. At the first anchor (`known` 0) w0 is set, and the
 * drift is only the rounding of w0 to f32. Sums per tile: status, ‖drift‖², ‖a‖².
 */
export function anchor_positions(
  anchor: usize, ab: i32, known: i32, weights: usize, high: usize, low: usize,
  table: usize, count: i32, eb: i32, sum: usize,
  tiles: i32, index: u32, from: u32, stack: usize, depth: i32
): i32 {
  let row: usize = 0
  for (let tile = 0; tile < tiles; tile++) {
    let status: f64 = 0
    let drifts: f64 = 0
    let norm: f64 = 0
    for (let r = 0; r < TILE; r++, row++) {
      const a = element(anchor, row, ab)
      const h = high + (row << 2)
      const l = low + (row << 2)
      const before = <f64>load<f32>(h) + <f64>load<f32>(l)
      const position = before + moved(table, count, row, eb, sum)
      const w = weights + (row << 2)
      if (known == 0) store<f32>(w, <f32>(a - position))
      const drift = a - <f64>load<f32>(w) - position
      const corrected = before + drift
      const rounded = <f32>corrected
      store<f32>(h, rounded)
      store<f32>(l, <f32>(corrected - <f64>rounded))
      if (!isFinite(a)) status += 1
      drifts += drift * drift
      norm += a * a
    }
    const slot = treeSlot(stack, depth, 3)
    store<f64>(slot, status)
    store<f64>(slot, drifts, 8)
    store<f64>(slot, norm, 16)
    depth = treePush(stack, depth, 3, index + tile, from)
  }
  return depth
}

/**
 * separation <- a_m - a_0 less what the pair moved apart since the separations were taken, so that it holds for the
 * first column of the block. Sums per tile: status (left 0), ‖change of the separation‖², ‖separation now, as it was
 * known before‖².
 */
export function anchor_separation(
  separation: usize, anchor: usize, zero: usize, ab: i32,
  table: usize, count: i32, eb: i32, sum: usize, zeroSum: usize,
  tiles: i32, index: u32, from: u32, stack: usize, depth: i32
): i32 {
  let row: usize = 0
  for (let tile = 0; tile < tiles; tile++) {
    let changes: f64 = 0
    let known: f64 = 0
    for (let r = 0; r < TILE; r++, row++) {
      const p = separation + (row << 3)
      let since = moved(table, count, row, eb, sum)
      if (zeroSum != 0) since -= load<f64>(zeroSum + (row << 3))
      const apart = element(anchor, row, ab) - element(zero, row, ab)
      const before = load<f64>(p) + since
      const change = apart - before
      store<f64>(p, apart - since)
      changes += change * change
      known += before * before
    }
    const slot = treeSlot(stack, depth, 3)
    store<f64>(slot, 0)
    store<f64>(slot, changes, 8)
    store<f64>(slot, known, 16)
    depth = treePush(stack, depth, 3, index + tile, from)
  }
  return depth
}
