// Brings a small real matrix in f64 to Hessenberg form. The bits equal those of `src/linalg/hessenberg.ts`: nothing is fused, sums run in
// the same order, and lanes are columns.

/** x <- x - v (2 sum) / norm over `bytes` of a row x; v is as long. @inline */
function less(x: usize, v: usize, bytes: usize, sum: f64, norm: f64): void {
  const twice = f64x2.splat(2 * sum)
  const norms = f64x2.splat(norm)
  let j: usize = 0
  for (; j + 16 <= bytes; j += 16) {
    const by = f64x2.div(f64x2.mul(twice, v128.load(v + j)), norms)
    v128.store(x + j, f64x2.sub(v128.load(x + j), by))
  }
  if (j < bytes) store<f64>(x + j, load<f64>(x + j) - (2 * sum * load<f64>(v + j)) / norm)
}

/** Reflects two columns at `x`, over as many rows as v has. @inline */
function reflectTwo(x: usize, v: usize, end: usize, pitch: usize, norm: f64): void {
  let sum = f64x2.splat(0)
  for (let p = v, at = x; p < end; p += 8, at += pitch) {
    sum = f64x2.add(sum, f64x2.mul(v128.load64_splat(p), v128.load(at)))
  }
  const twice = f64x2.mul(f64x2.splat(2), sum)
  const norms = f64x2.splat(norm)
  for (let p = v, at = x; p < end; p += 8, at += pitch) {
    const by = f64x2.div(f64x2.mul(twice, v128.load64_splat(p)), norms)
    v128.store(at, f64x2.sub(v128.load(at), by))
  }
}

/** Like `reflectTwo`, but for one column. @inline */
function reflectOne(x: usize, v: usize, end: usize, pitch: usize, norm: f64): void {
  let sum: f64 = 0
  for (let p = v, at = x; p < end; p += 8, at += pitch) sum += load<f64>(p) * load<f64>(at)
  for (let p = v, at = x; p < end; p += 8, at += pitch) {
    store<f64>(at, load<f64>(at) - (2 * sum * load<f64>(p)) / norm)
  }
}

/**
 * Makes zeros below the subdiagonal of H, n x n by rows without gaps, by Householder reflections, which keep its eigenvalues. `v` has room
 * for n numbers. @inline
 */
export function hessenberg(h: usize, n: i32, v: usize): void {
  const pitch = (<usize>n) << 3
  const end = v + pitch
  for (let k = 0; k < n - 2; k++) {
    const column = (<usize>k) << 3
    const head = h + <usize>(k + 1) * pitch + column
    const last = h + <usize>n * pitch
    let largest: f64 = 0
    for (let at = head + pitch; at < last; at += pitch) {
      largest = max<f64>(largest, abs<f64>(load<f64>(at)))
    }
    if (largest === 0) continue
    largest = max<f64>(largest, abs<f64>(load<f64>(head)))
    const first = v + column + 8
    let square: f64 = 0
    for (let p = first, at = head; p < end; p += 8, at += pitch) {
      const value = load<f64>(at) / largest
      store<f64>(p, value)
      square += value * value
    }
    const root = sqrt<f64>(square)
    store<f64>(first, load<f64>(first) + (load<f64>(first) < 0 ? -root : root))
    let norm: f64 = 0
    for (let p = first; p < end; p += 8) norm += load<f64>(p) * load<f64>(p)
    let at = head
    const right = head + pitch - column
    for (; at + 16 <= right; at += 16) reflectTwo(at, first, end, pitch, norm)
    if (at < right) reflectOne(at, first, end, pitch, norm)
    for (let row = h + column + 8; row < last; row += pitch) {
      let sum: f64 = 0
      for (let j: usize = 0; j < end - first; j += 8)
        sum += load<f64>(row + j) * load<f64>(first + j)
      less(row, first, end - first, sum, norm)
    }
    for (at = head + pitch; at < last; at += pitch) store<f64>(at, 0)
  }
}
