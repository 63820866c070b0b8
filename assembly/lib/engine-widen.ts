// Payloads to f32 and f64. All conversions are exact except f64 to f32, which rounds once. Sources and targets do not overlap. No scratch.
import { wide } from './simd'

/**
 * How many of n f32 are NaN or not below 2^100. Without the sign, the bits of such a value, as an integer, are not below those of 2^100.
 */
export function count_unusable_f32(p: usize, n: i32): i32 {
  const magnitude = i32x4.splat(0x7fffffff)
  const bound = i32x4.splat(0x71800000)
  let counts = i32x4.splat(0)
  let i = 0
  for (; i <= n - 4; i += 4) {
    counts = i32x4.sub(counts, i32x4.ge_s(v128.and(v128.load(p), magnitude), bound))
    p += 16
  }
  let count =
    i32x4.extract_lane(counts, 0) +
    i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3)
  for (; i < n; i++) {
    count += i32((load<u32>(p) & 0x7fffffff) >= 0x71800000)
    p += 4
  }
  return count
}

/** The same for f64. */
export function count_unusable_f64(p: usize, n: i32): i32 {
  let count = 0
  for (let i = 0; i < n; i++) {
    count += i32((load<u64>(p) & 0x7fffffffffffffff) >= 0x4630000000000000)
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

/**
 * Four half-precision numbers in 32-bit lanes. An exact multiplication by 2^112 rebases the exponent; then Inf and NaN are restored.
 * @inline
 */
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
