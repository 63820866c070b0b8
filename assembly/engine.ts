// What the engine itself does to columns: widening payloads, pairing members, keeping positions and separations.
//
// Layout: columns are contiguous, 4 or 8 bytes an element (`eb`); positions are f32 pairs whose f64 sum is the value,
// rounded once a block; separations and accumulators are f64. Nothing here sums over rows but the two of anchors, whose
// sums run per tile in the tile tree. Scratch: the tree's stack alone.
import { TILE } from './lib/simd'
import { treePush, treeSlot } from './lib/tree'

/** How many of n f32 are not finite: those with all exponent bits set. */
export function count_nonfinite_f32(p: usize, n: i32): i32 {
  const exponent = i32x4.splat(0x7f800000)
  let counts = i32x4.splat(0)
  let i = 0
  for (; i <= n - 4; i += 4) {
    counts = i32x4.sub(counts, i32x4.eq(v128.and(v128.load(p), exponent), exponent))
    p += 16
  }
  let count =
    i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1) + i32x4.extract_lane(counts, 2) + i32x4.extract_lane(counts, 3)
  for (; i < n; i++) {
    count += i32((load<u32>(p) & 0x7f800000) == 0x7f800000)
    p += 4
  }
  return count
}

/** How many of n f64 are not finite. */
export function count_nonfinite_f64(p: usize, n: i32): i32 {
  let count = 0
  for (let i = 0; i < n; i++) {
    count += i32((load<u64>(p) & 0x7ff0000000000000) == 0x7ff0000000000000)
    p += 8
  }
  return count
}

/** bf16 is the upper half of an f32. */
export function bf16_to_f32(source: usize, target: usize, n: i32): void {
  let i = 0
  for (; i <= n - 8; i += 8) {
    const v = v128.load(source)
    v128.store(target, i32x4.shl(i32x4.extend_low_i16x8_u(v), 16))
    v128.store(target, i32x4.shl(i32x4.extend_high_i16x8_u(v), 16), 16)
    source += 16
    target += 32
  }
  for (; i < n; i++) {
    store<u32>(target, (<u32>load<u16>(source)) << 16)
    source += 2
    target += 4
  }
}

/** Four halves in 32-bit lanes: the exponent is rebased by an exact multiplication by 2^112; Inf and NaN are mended. */
// @ts-ignore: decorator
@inline
function widenHalves(h: v128): v128 {
  const magnitude = i32x4.shl(v128.and(h, i32x4.splat(0x7fff)), 13)
  const special = i32x4.gt_s(magnitude, i32x4.splat(0x0f7fffff))
  const scaled = f32x4.mul(magnitude, f32x4.splat(reinterpret<f32>(0x77800000)))
  const value = v128.or(scaled, v128.and(special, i32x4.splat(0x7f800000)))
  return v128.or(value, i32x4.shl(v128.and(h, i32x4.splat(0x8000)), 16))
}

export function f16_to_f32(source: usize, target: usize, n: i32): void {
  let i = 0
  for (; i <= n - 8; i += 8) {
    const v = v128.load(source)
    v128.store(target, widenHalves(i32x4.extend_low_i16x8_u(v)))
    v128.store(target, widenHalves(i32x4.extend_high_i16x8_u(v)), 16)
    source += 16
    target += 32
  }
  for (; i < n; i++) {
    store<i32>(target, i32x4.extract_lane(widenHalves(i32x4.splat(<i32>load<u16>(source))), 0))
    source += 2
    target += 4
  }
}

export function f64_to_f32(source: usize, target: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    store<f32>(target, <f32>load<f64>(source))
    source += 8
    target += 4
  }
}

export function f32_to_f64(source: usize, target: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    store<f64>(target, <f64>load<f32>(source))
    source += 4
    target += 8
  }
}

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

/** x <- x - zero, formed in f64 and rounded once. */
export function difference(x: usize, zero: usize, n: i32, eb: i32): void {
  for (let i: usize = 0; i < <usize>n; i++) setElement(x, i, eb, element(x, i, eb) - element(zero, i, eb))
}

/** sum <- sum + x, in f64. */
export function accumulate(sum: usize, x: usize, n: i32, eb: i32): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const p = sum + (i << 3)
    store<f64>(p, load<f64>(p) + element(x, i, eb))
  }
}

/** x <- sum, sum <- 0. */
export function settle(sum: usize, x: usize, n: i32, eb: i32): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const p = sum + (i << 3)
    setElement(x, i, eb, load<f64>(p))
    store<f64>(p, 0)
  }
}

/** high + low <- high + low + the sum of `count` columns, in f64, split again into an f32 pair. */
export function advance_positions(high: usize, low: usize, x: usize, stride: usize, count: i32, n: i32, eb: i32): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const h = high + (i << 2)
    const l = low + (i << 2)
    let position = <f64>load<f32>(h) + <f64>load<f32>(l)
    let column = x
    for (let j = 0; j < count; j++) {
      position += element(column, i, eb)
      column += stride
    }
    const rounded = <f32>position
    store<f32>(h, rounded)
    store<f32>(l, <f32>(position - <f64>rounded))
  }
}

/** separation <- separation + the sum of `count` columns. */
export function advance_separation(separation: usize, x: usize, stride: usize, count: i32, n: i32, eb: i32): void {
  for (let i: usize = 0; i < <usize>n; i++) {
    const p = separation + (i << 3)
    let sum = load<f64>(p)
    let column = x
    for (let j = 0; j < count; j++) {
      sum += element(column, i, eb)
      column += stride
    }
    store<f64>(p, sum)
  }
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

// A counter-based generator: the finaliser of MurmurHash3 over seed, row and step, so that any shard draws the same
// number for the same place.
// @ts-ignore: decorator
@inline
function mix(h: u32): u32 {
  h ^= h >> 16
  h *= 0x85ebca6b
  h ^= h >> 13
  h *= 0xc2b2ae35
  return h ^ (h >> 16)
}

/**
 * One tile of the null: a Gaussian walk with each row's own step variance, not yet scaled to the steps' norms. Row i,
 * step j: g_ij sqrt(v_i), g by Box-Muller over pairs of rows, v_i the sum of squares of the row's steps up to the end
 * of this block (kept in `energy` if commit). Fills the tile's sums: status, then for each column ‖x_j‖² and ‖null_j‖².
 */
export function null_tile(
  x: usize, stride: usize, count: i32, eb: i32, energy: usize, commit: i32,
  out: usize, outStride: usize, seed: u32, tile: u32, step: u32, slot: usize
): void {
  memory.fill(slot, 0, 8 * (1 + 2 * count))
  const roots = slot + 8 * (1 + 2 * count)
  for (let r: usize = 0; r < <usize>TILE; r++) {
    let v = load<f64>(energy + (r << 3))
    let column = x
    for (let j = 0; j < count; j++) {
      const value = element(column, r, eb)
      const sums = slot + 8 + (<usize>j << 4)
      store<f64>(sums, load<f64>(sums) + value * value)
      v += value * value
      column += stride
    }
    if (commit != 0) store<f64>(energy + (r << 3), v)
    store<f64>(roots + (r << 3), sqrt(v))
  }
  for (let j = 0; j < count; j++) {
    const key = mix(seed ^ mix(step + j))
    const column = out + <usize>j * outStride
    const sums = slot + 16 + (<usize>j << 4)
    let norm: f64 = 0
    for (let r: usize = 0; r < <usize>TILE; r += 2) {
      const h = mix(key ^ mix((tile << 8) + <u32>r) ^ (tile >> 24))
      const u = (<f64>h + 0.5) * 2.3283064365386963e-10
      const angle = <f64>mix(h ^ 0x9e3779b9) * 1.4629180792671596e-9
      const radius = sqrt(-2 * NativeMath.log(u))
      const a = <f32>(radius * NativeMath.cos(angle) * load<f64>(roots + (r << 3)))
      const b = <f32>(radius * NativeMath.sin(angle) * load<f64>(roots + (r << 3) + 8))
      store<f32>(column + (r << 2), a)
      store<f32>(column + (r << 2) + 4, b)
      norm += <f64>a * <f64>a + <f64>b * <f64>b
    }
    store<f64>(sums, norm)
  }
}

/** x <- scale * x over n f32. */
export function scale_f32(x: usize, n: i32, scale: f64): void {
  for (let i = 0; i < n; i++) {
    store<f32>(x, <f32>(<f64>load<f32>(x) * scale))
    x += 4
  }
}
