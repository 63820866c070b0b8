// Normal numbers by Box and Muller from a counter: four pairs at a time in f32, each with a relative error of about 2^-22, also in the
// tails and near zero. Multiplications and additions are never fused, so all builds draw the same numbers. Polynomials: Cephes `logf`,
// `sinf`, `cosf` (Moshier 1989).

/** The finaliser of MurmurHash3. Applied to seed, row and step, it gives every shard the same number for the same place. @inline */
export function mix(h: u32): u32 {
  h ^= h >> 16
  h *= 0x85ebca6b
  h ^= h >> 13
  h *= 0xc2b2ae35
  return h ^ (h >> 16)
}

/** `mix` of four. @inline */
export function mix4(h: v128): v128 {
  h = v128.xor(h, i32x4.shr_u(h, 16))
  h = i32x4.mul(h, i32x4.splat(0x85ebca6b))
  h = v128.xor(h, i32x4.shr_u(h, 13))
  h = i32x4.mul(h, i32x4.splat(0xc2b2ae35))
  return v128.xor(h, i32x4.shr_u(h, 16))
}

/** y x + c @inline */
function horner(y: v128, x: v128, c: f32): v128 {
  return f32x4.add(f32x4.mul(y, x), f32x4.splat(c))
}

/**
 * (-2 log u)^1/2 for u = (h + 1/2) / 2^32. u = 2^e (1 + x) with 1 + x in [1/√2, √2). Above 1/√2, where log u approaches zero, x is taken
 * from the complement of h, so that nothing cancels.
 * @inline
 */
export function radius4(h: v128): v128 {
  const high = i32x4.gt_u(h, i32x4.splat(0xb504f333))
  const bits = horner(f32x4.convert_i32x4_u(h), f32x4.splat(1), 0.5)
  const exponent = i32x4.shr_s(i32x4.sub(bits, i32x4.splat(0x3f3504f3)), 23)
  const mantissa = i32x4.sub(bits, i32x4.shl(exponent, 23))
  const below = f32x4.sub(mantissa, f32x4.splat(1))
  const above = f32x4.mul(
    horner(f32x4.convert_i32x4_u(v128.not(h)), f32x4.splat(1), 0.5),
    f32x4.splat(-2.3283064365386963e-10)
  )
  const x = v128.bitselect(above, below, high)
  const e = f32x4.convert_i32x4_s(v128.andnot(i32x4.sub(exponent, i32x4.splat(32)), high))
  const z = f32x4.mul(x, x)
  let y = horner(f32x4.splat(7.0376836292e-2), x, -1.151461031e-1)
  y = horner(y, x, 1.167699874e-1)
  y = horner(y, x, -1.2420140846e-1)
  y = horner(y, x, 1.4249322787e-1)
  y = horner(y, x, -1.6668057665e-1)
  y = horner(y, x, 2.0000714765e-1)
  y = horner(y, x, -2.4999993993e-1)
  y = horner(y, x, 3.3333331174e-1)
  y = f32x4.mul(f32x4.mul(y, x), z)
  y = f32x4.add(y, f32x4.mul(e, f32x4.splat(-2.1219444e-4)))
  y = f32x4.sub(y, f32x4.mul(z, f32x4.splat(0.5)))
  const log = f32x4.add(f32x4.add(x, y), f32x4.mul(e, f32x4.splat(0.693359375)))
  return f32x4.sqrt(f32x4.mul(log, f32x4.splat(-2)))
}

/** cos of 2π h / 2^32. The angle from the nearest quarter turn is exact, so values near zero keep their relative accuracy. @inline */
export function cosine4(h: v128): v128 {
  const quarter = i32x4.shr_u(i32x4.add(h, i32x4.splat(0x20000000)), 30)
  const rest = f32x4.convert_i32x4_s(i32x4.sub(h, i32x4.shl(quarter, 30)))
  const t = f32x4.mul(rest, f32x4.splat(1.4629180792671596e-9))
  const z = f32x4.mul(t, t)
  let sine = horner(f32x4.splat(-1.9515295891e-4), z, 8.3321608736e-3)
  sine = horner(sine, z, -1.6666654611e-1)
  sine = f32x4.add(t, f32x4.mul(f32x4.mul(sine, z), t))
  let cosine = horner(f32x4.splat(2.443315711809948e-5), z, -1.388731625493765e-3)
  cosine = horner(cosine, z, 4.166664568298827e-2)
  cosine = f32x4.add(
    f32x4.sub(f32x4.mul(f32x4.mul(cosine, z), z), f32x4.mul(z, f32x4.splat(0.5))),
    f32x4.splat(1)
  )
  const one = i32x4.splat(1)
  const odd = i32x4.eq(v128.and(quarter, one), one)
  const sign = i32x4.shl(v128.and(i32x4.add(quarter, one), i32x4.splat(2)), 30)
  return v128.xor(v128.bitselect(sine, cosine, odd), sign)
}
