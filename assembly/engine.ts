// What the engine itself does to columns: widening payloads, pairing members, keeping positions and separations.
//
// Layout: columns are contiguous, 4 or 8 bytes an element (`eb`); positions are f32 pairs whose f64 sum is the value,
// rounded once a block; separations and accumulators are f64. Nothing here sums over rows but the two of anchors, whose
// sums run per tile in the tile tree. Scratch: the tree's stack alone.
import { cosine4, mix, mix4, radius4 } from './lib/normal'
import { sum64, TILE, wide } from './lib/simd'
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
  let i = 0
  for (; i <= n - 2; i += 2) {
    v128.store64_lane(target, f32x4.demote_f64x2_zero(v128.load(source)), 0)
    source += 16
    target += 8
  }
  if (i < n) store<f32>(target, <f32>load<f64>(source))
}

export function f32_to_f64(source: usize, target: usize, n: i32): void {
  let i = 0
  for (; i <= n - 2; i += 2) {
    v128.store(target, wide(source))
    source += 8
    target += 16
  }
  if (i < n) store<f64>(target, <f64>load<f32>(source))
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

/** Two elements in f64. */
// @ts-ignore: decorator
@inline
function pair<T>(p: usize): v128 {
  return sizeof<T>() == 8 ? v128.load(p) : wide(p)
}

// @ts-ignore: decorator
@inline
function setPair<T>(p: usize, value: v128): void {
  if (sizeof<T>() == 8) v128.store(p, value)
  else v128.store64_lane(p, f32x4.demote_f64x2_zero(value), 0)
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

/** Adds four values with the signs in the top bits of `flip`, in f64. */
// @ts-ignore: decorator
@inline
function foldFour<T>(x: usize, flip: v128, target: usize): void {
  let low: v128, high: v128
  if (sizeof<T>() == 8) {
    const zero = i32x4.splat(0)
    low = v128.xor(v128.load(x), v128.shuffle<i32>(zero, flip, 0, 4, 1, 5))
    high = v128.xor(v128.load(x, 16), v128.shuffle<i32>(zero, flip, 2, 6, 3, 7))
  } else {
    const signed = v128.xor(v128.load(x), flip)
    low = f64x2.promote_low_f32x4(signed)
    high = f64x2.promote_low_f32x4(v128.shuffle<i64>(signed, signed, 1, 1))
  }
  v128.store(target, f64x2.add(v128.load(target), low))
  v128.store(target, f64x2.add(v128.load(target, 16), high), 16)
}

/** Element i of a run of 128 has the sign of bit 31 - i / 4 of word i mod 4, mix(seed ^ mix(4 run + i mod 4)). */
// @ts-ignore: decorator
@inline
function foldOf<T>(x: usize, n: i32, target: usize, run: u32, at: u32, seed: u32): void {
  const end = x + <usize>n * sizeof<T>()
  while (x < end) {
    if (at == 0 && x + 128 * sizeof<T>() <= end) {
      let signs = mix4(v128.xor(i32x4.splat(seed), mix4(i32x4.add(i32x4.splat(run << 2), i32x4(0, 1, 2, 3)))))
      for (let i = 0; i < 32; i++) {
        foldFour<T>(x, v128.and(signs, i32x4.splat(0x80000000)), target)
        signs = i32x4.shl(signs, 1)
        x += 4 * sizeof<T>()
        target += 32
      }
    } else {
      for (; at < 128 && x < end; at++) {
        const minus = ((mix(seed ^ mix((run << 2) + (at & 3))) << (at >> 2)) & 0x80000000) != 0
        const value = <f64>load<T>(x)
        store<f64>(target, load<f64>(target) + (minus ? -value : value))
        x += sizeof<T>()
        target += 8
      }
      at = 0
    }
    run++
  }
}

/** target <- target + s x, in f64; s are the signs of the elements from `at` of run `run` on (src/engine/fold.ts). */
export function fold(x: usize, eb: i32, n: i32, target: usize, run: u32, at: u32, seed: u32): void {
  if (eb == 8) foldOf<f64>(x, n, target, run, at, seed)
  else foldOf<f32>(x, n, target, run, at, seed)
}

/**
 * The same for n single elements: element offset + i[k] with value v[k], to the row of 65,536 that it has by
 * src/engine/fold.ts if that lies in [from, to); `target` is row `from`.
 */
export function fold_sparse(
  i: usize, v: usize, eb: i32, n: i32, target: usize, offset: f64, from: u32, to: u32, seed: u32
): void {
  for (const end = i + (<usize>n << 2); i < end; i += 4, v += eb) {
    const place = <u64>offset + <u64>load<u32>(i)
    const row = (<u32>place + mix(~seed ^ mix(<u32>(place >> 16)))) & 0xffff
    if (row < from || row >= to) continue
    const signs = mix(seed ^ mix((<u32>(place >> 7) << 2) + (<u32>place & 3)))
    const value = element(v, 0, eb)
    const minus = ((signs << ((<u32>place & 127) >> 2)) & 0x80000000) != 0
    const p = target + (<usize>(row - from) << 3)
    store<f64>(p, load<f64>(p) + (minus ? -value : value))
  }
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

/** energy of each row <- itself + the row's squares, per column their sum; the roots of the energies to `roots`. */
// @ts-ignore: decorator
@inline
function energies<T>(x: usize, stride: usize, count: i32, energy: usize, commit: i32, roots: usize, slot: usize): void {
  memory.copy(roots, energy, TILE << 3)
  for (let j = 0; j < count; j++) {
    let a = f64x2.splat(0)
    let b = a
    let column = x
    for (let v = roots; v < roots + (TILE << 3); v += 32) {
      const u = pair<T>(column)
      const w = pair<T>(column + 2 * sizeof<T>())
      const uu = f64x2.mul(u, u)
      const ww = f64x2.mul(w, w)
      a = f64x2.add(a, uu)
      b = f64x2.add(b, ww)
      v128.store(v, f64x2.add(v128.load(v), uu))
      v128.store(v, f64x2.add(v128.load(v, 16), ww), 16)
      column += 4 * sizeof<T>()
    }
    store<f64>(slot + (<usize>j << 4), sum64(f64x2.add(a, b)))
    x += stride
  }
  if (commit != 0) memory.copy(energy, roots, TILE << 3)
  for (let v = roots; v < roots + (TILE << 3); v += 16) v128.store(v, f64x2.sqrt(v128.load(v)))
}

/** Two normal numbers times two roots, as f32 at `p`; returns their squares. */
// @ts-ignore: decorator
@inline
function draw(normals: v128, roots: usize, p: usize): v128 {
  const drawn = f32x4.demote_f64x2_zero(f64x2.mul(f64x2.promote_low_f32x4(normals), v128.load(roots)))
  v128.store64_lane(p, drawn, 0)
  const stored = f64x2.promote_low_f32x4(drawn)
  return f64x2.mul(stored, stored)
}

/**
 * One tile of the null: a Gaussian walk with each row's own step variance, not yet scaled to the steps' norms. Row i,
 * step j: g_ij sqrt(v_i), g by Box-Muller over pairs of rows, v_i the sum of squares of the row's steps up to the end
 * of this block (kept in `energy` if commit). Fills the tile's sums: status, then for each column ‖x_j‖² and ‖null_j‖².
 * Scratch after these: the rows' roots.
 */
export function null_tile(
  x: usize, stride: usize, count: i32, eb: i32, energy: usize, commit: i32,
  out: usize, outStride: usize, seed: u32, tile: u32, step: u32, slot: usize
): void {
  store<f64>(slot, 0)
  const roots = slot + 8 * (1 + 2 * count)
  if (eb == 8) energies<f64>(x, stride, count, energy, commit, roots, slot + 8)
  else energies<f32>(x, stride, count, energy, commit, roots, slot + 8)
  for (let j = 0; j < count; j++) {
    const key = i32x4.splat(mix(seed ^ mix(step + j)) ^ (tile >> 24))
    let row = i32x4.add(i32x4.splat(tile << 8), i32x4(0, 2, 4, 6))
    let norm = f64x2.splat(0)
    let root = roots
    for (let p = out; p < out + (TILE << 2); p += 32) {
      const h = mix4(v128.xor(key, mix4(row)))
      const radius = radius4(h)
      const angle = mix4(v128.xor(h, i32x4.splat(0x9e3779b9)))
      const a = f32x4.mul(radius, cosine4(angle))
      const b = f32x4.mul(radius, cosine4(i32x4.sub(angle, i32x4.splat(0x40000000))))
      const first = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
      const second = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
      norm = f64x2.add(norm, draw(first, root, p))
      norm = f64x2.add(norm, draw(v128.shuffle<i64>(first, first, 1, 1), root + 16, p + 8))
      norm = f64x2.add(norm, draw(second, root + 32, p + 16))
      norm = f64x2.add(norm, draw(v128.shuffle<i64>(second, second, 1, 1), root + 48, p + 24))
      row = i32x4.add(row, i32x4.splat(8))
      root += 64
    }
    store<f64>(slot + (<usize>j << 4), sum64(norm), 16)
    out += outStride
  }
}

/** x <- scale * x over n f32. */
export function scale_f32(x: usize, n: i32, scale: f64): void {
  const factor = f64x2.splat(scale)
  let i = 0
  for (; i <= n - 2; i += 2) {
    setPair<f32>(x, f64x2.mul(wide(x), factor))
    x += 8
  }
  if (i < n) store<f32>(x, <f32>(<f64>load<f32>(x) * scale))
}
