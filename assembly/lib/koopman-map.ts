// The map of resampled stretches, in f64. The bits equal those of `centred` and `mapOf` in `src/stages/koopman/fitting/moments.ts`: nothing
// is fused, sums run in the same order, and lanes are independent numbers.

/** A direction is left out if the resample holds less than this share of what all stretches together hold in it. */
const LEAST_SHARE: f64 = 1e-9

/** Writes Σ w_s x_s to `sum`, over `count` vectors of `bytes` each, one after another. @inline */
function weighted(vectors: usize, count: i32, weights: usize, bytes: usize, sum: usize): void {
  const end = weights + ((<usize>count) << 3)
  let j: usize = 0
  for (; j + 64 <= bytes; j += 64) {
    let a = f64x2.splat(0),
      b = a,
      c = a,
      d = a
    for (let w = weights, x = vectors + j; w < end; w += 8, x += bytes) {
      const weight = v128.load64_splat(w)
      a = f64x2.add(a, f64x2.mul(weight, v128.load(x)))
      b = f64x2.add(b, f64x2.mul(weight, v128.load(x, 16)))
      c = f64x2.add(c, f64x2.mul(weight, v128.load(x, 32)))
      d = f64x2.add(d, f64x2.mul(weight, v128.load(x, 48)))
    }
    v128.store(sum + j, a)
    v128.store(sum + j, b, 16)
    v128.store(sum + j, c, 32)
    v128.store(sum + j, d, 48)
  }
  for (; j < bytes; j += 8) {
    let a: f64 = 0
    for (let w = weights, x = vectors + j; w < end; w += 8, x += bytes) {
      a += load<f64>(w) * load<f64>(x)
    }
    store<f64>(sum + j, a)
  }
}

/**
 * Weighted sums of the moments of `count` stretches, about their means if `first` is 1, not 0. The moments of a stretch are the packed
 * upper triangle of `first` + 2 `modes` rows, one stretch after another; `total` has room for one more. Writes 2 `modes` rows without gaps
 * to `out`.
 */
export function koopman_centred(
  moments: usize,
  count: i32,
  weights: usize,
  first: i32,
  modes: i32,
  total: usize,
  out: usize
): void {
  const width = 2 * modes
  const rows = first + width
  weighted(moments, count, weights, (<usize>((rows * (rows + 1)) >> 1)) << 3, total)
  const pitch = (<usize>width) << 3
  const means = total + 8
  const weight = load<f64>(total)
  let at = first > 0 ? means + pitch : total
  for (let i: usize = 0; i < pitch; i += 8) {
    const row = out + i * <usize>width
    const factor = first > 0 && weight > 0 ? load<f64>(means + i) / weight : 0
    for (let j = i; j < pitch; j += 8, at += 8) {
      const value = load<f64>(at) - (first > 0 ? factor * load<f64>(means + j) : 0)
      store<f64>(row + j, value)
      store<f64>(out + j * <usize>width + i, value)
    }
  }
}

/** x <- x - f y over a row of `bytes`. @inline */
function take(x: usize, y: usize, f: f64, bytes: usize): void {
  const factor = f64x2.splat(f)
  let j: usize = 0
  for (; j + 16 <= bytes; j += 16) {
    v128.store(x + j, f64x2.sub(v128.load(x + j), f64x2.mul(factor, v128.load(y + j))))
  }
  if (j < bytes) store<f64>(x + j, load<f64>(x + j) - f * load<f64>(y + j))
}

/** x <- x / f over a row of `bytes`. @inline */
function divide(x: usize, f: f64, bytes: usize): void {
  for (let j: usize = 0; j < bytes; j += 8) store<f64>(x + j, load<f64>(x + j) / f)
}

/**
 * Writes the map of centred moments of 2 n rows, M = G⁻¹ K by Cholesky, to `map`, n x n without gaps. Leaves out a direction that the
 * moments hold nothing in. Scratch: `root`, n x n numbers.
 */
export function koopman_map(moments: usize, n: i32, root: usize, map: usize): void {
  const pitch = (<usize>n) << 3
  const end = pitch * <usize>n
  for (let at: usize = 0, from = moments; at < end; at += pitch, from += 2 * pitch) {
    memory.copy(root + at, from, pitch)
    memory.copy(map + at, from + pitch, pitch)
  }
  for (let j: usize = 0, own = root; j < pitch; j += 8, own += pitch) {
    let pivot = load<f64>(own + j)
    for (let c = own; c < own + j; c += 8) pivot -= load<f64>(c) * load<f64>(c)
    const length = pivot > LEAST_SHARE ? sqrt<f64>(pivot) : Infinity
    store<f64>(own + j, length)
    for (let row = own + pitch; row < root + end; row += pitch) {
      let value = load<f64>(row + j)
      for (let c: usize = 0; c < j; c += 8) value -= load<f64>(row + c) * load<f64>(own + c)
      store<f64>(row + j, value / length)
    }
  }
  for (let i: usize = 0; i < pitch; i += 8) {
    const row = map + i * <usize>n
    const own = root + i * <usize>n
    for (let c: usize = 0, y = map; c < i; c += 8, y += pitch)
      take(row, y, load<f64>(own + c), pitch)
    divide(row, load<f64>(own + i), pitch)
  }
  for (let i = pitch; i > 0; ) {
    i -= 8
    const row = map + i * <usize>n
    const below = root + i
    for (let c = i * <usize>n + pitch; c < end; c += pitch) {
      take(row, map + c, load<f64>(below + c), pitch)
    }
    divide(row, load<f64>(below + i * <usize>n), pitch)
  }
}
