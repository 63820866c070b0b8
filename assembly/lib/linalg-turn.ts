// Shared by the rotations of small matrices in f64. Nothing is fused, so the bits equal those of the references.

/** Twice the relative rounding of f64. */
export const UNIT: f64 = 2.220446049250313e-16

/** Turns two rows: (x, y) <- (c x - s y, s x + c y). @inline */
export function turn(x: usize, y: usize, c: f64, s: f64, width: usize): void {
  const cs = f64x2.splat(c)
  const ss = f64x2.splat(s)
  let j: usize = 0
  for (; j + 16 <= width; j += 16) {
    const low = v128.load(x + j)
    const high = v128.load(y + j)
    v128.store(x + j, f64x2.sub(f64x2.mul(cs, low), f64x2.mul(ss, high)))
    v128.store(y + j, f64x2.add(f64x2.mul(ss, low), f64x2.mul(cs, high)))
  }
  if (j === width) return
  const low = load<f64>(x + j)
  const high = load<f64>(y + j)
  store<f64>(x + j, c * low - s * high)
  store<f64>(y + j, s * low + c * high)
}
