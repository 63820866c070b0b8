// What 128-bit arithmetic can do here: twelve independent chains a <- a x + y, no memory. Each call does `n` turns of 12
// multiply-adds, 24 n flops a lane.

function madd<T>(a: v128, x: v128, y: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(a, x, y)
  return v128.add<T>(v128.mul<T>(a, x), y)
}

function chains<T>(n: i32, x: v128, y: v128): v128 {
  let a0 = y
  let a1 = x
  let a2 = v128.add<T>(a0, a1)
  let a3 = v128.add<T>(a1, a2)
  let a4 = v128.add<T>(a2, a3)
  let a5 = v128.add<T>(a3, a4)
  let a6 = v128.add<T>(a4, a5)
  let a7 = v128.add<T>(a5, a6)
  let a8 = v128.add<T>(a6, a7)
  let a9 = v128.add<T>(a7, a8)
  let a10 = v128.add<T>(a8, a9)
  let a11 = v128.add<T>(a9, a10)
  for (let i = 0; i < n; i++) {
    a0 = madd<T>(a0, x, y)
    a1 = madd<T>(a1, x, y)
    a2 = madd<T>(a2, x, y)
    a3 = madd<T>(a3, x, y)
    a4 = madd<T>(a4, x, y)
    a5 = madd<T>(a5, x, y)
    a6 = madd<T>(a6, x, y)
    a7 = madd<T>(a7, x, y)
    a8 = madd<T>(a8, x, y)
    a9 = madd<T>(a9, x, y)
    a10 = madd<T>(a10, x, y)
    a11 = madd<T>(a11, x, y)
  }
  const b0 = v128.add<T>(v128.add<T>(a0, a1), v128.add<T>(a2, a3))
  const b1 = v128.add<T>(v128.add<T>(a4, a5), v128.add<T>(a6, a7))
  return v128.add<T>(v128.add<T>(b0, b1), v128.add<T>(v128.add<T>(a8, a9), v128.add<T>(a10, a11)))
}

export function peak_f32(n: i32, x: f32, y: f32): f32 {
  return f32x4.extract_lane(chains<f32>(n, f32x4.splat(x), f32x4.splat(y)), 0)
}

export function peak_f64(n: i32, x: f64, y: f64): f64 {
  return f64x2.extract_lane(chains<f64>(n, f64x2.splat(x), f64x2.splat(y)), 0)
}
