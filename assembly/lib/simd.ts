// Lane helpers shared by the kernels. Widening is exact, so products of two f32 are exact in f64, and a fused multiply-add rounds like the
// unfused pair. So f64 sums of f32 products have the same bits in both builds.

/** Rows in a tile; equals `tileRows` of the TypeScript code. */
export const TILE: i32 = 256

/** Two f32 at `p`, widened. @inline */
export function wide(p: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(p))
}

/** Two elements of type T at `p`, as f64. @inline */
export function pair<T>(p: usize): v128 {
  return sizeof<T>() === 8 ? v128.load(p) : wide(p)
}

/** Element `row` of those at `p`, 4 or 8 bytes each, as f64. @inline */
export function element(p: usize, row: usize, elementBytes: i32): f64 {
  return elementBytes === 8 ? load<f64>(p + (row << 3)) : <f64>load<f32>(p + (row << 2))
}

/** a * b + c in f64. It is fused only if the build allows it, and then the product is exact anyway. @inline */
export function madd64(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c)
  return f64x2.add(f64x2.mul(a, b), c)
}

/** a * b + c in f32. It is fused in the relaxed build, so its bits differ from those of the strict build. @inline */
export function madd32(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

/** Sum of the two lanes, low first. @inline */
export function sum64(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1)
}

/** The first lanes of a and b. @inline */
export function firsts(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 0, 2)
}

/** The second lanes of a and b. @inline */
export function seconds(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 1, 3)
}
