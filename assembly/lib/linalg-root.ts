// The triangular root of a small matrix in f64, by rows. Nothing is fused, and lanes are columns, so the bits equal those of the reference
// in every build.

/** A column counts as a combination of those before it if less than this share of its square remains. */
const DEPENDENT: f64 = 1e-11

/** x <- x - f y for a row x, over the columns from `first` on; both begin at a pair. @inline */
function take(x: usize, y: usize, f: f64, first: usize, width: usize): void {
  const factor = f64x2.splat(f)
  let j = first
  for (; j + 16 <= width; j += 16) {
    v128.store(x + j, f64x2.sub(v128.load(x + j), f64x2.mul(factor, v128.load(y + j))))
  }
  if (j < width) store<f64>(x + j, load<f64>(x + j) - f * load<f64>(y + j))
}

/** Like `take`, but subtracts four successive rows, `pitch` apart, in one pass. @inline */
function takeFour(x: usize, y: usize, pitch: usize, at: usize, first: usize, width: usize): void {
  const f = y + at
  const f0 = load<f64>(f),
    f1 = load<f64>(f + pitch),
    f2 = load<f64>(f + 2 * pitch),
    f3 = load<f64>(f + 3 * pitch)
  const s0 = f64x2.splat(f0),
    s1 = f64x2.splat(f1),
    s2 = f64x2.splat(f2),
    s3 = f64x2.splat(f3)
  let j = first
  for (; j + 16 <= width; j += 16) {
    const p = y + j
    let v = f64x2.sub(v128.load(x + j), f64x2.mul(s0, v128.load(p)))
    v = f64x2.sub(v, f64x2.mul(s1, v128.load(p + pitch)))
    v = f64x2.sub(v, f64x2.mul(s2, v128.load(p + 2 * pitch)))
    v128.store(x + j, f64x2.sub(v, f64x2.mul(s3, v128.load(p + 3 * pitch))))
  }
  if (j === width) return
  const p = y + j
  const v = load<f64>(x + j) - f0 * load<f64>(p) - f1 * load<f64>(p + pitch)
  store<f64>(x + j, v - f2 * load<f64>(p + 2 * pitch) - f3 * load<f64>(p + 3 * pitch))
}

/**
 * Writes R with RᵀR = A to `r`, upper triangular, for a symmetric positive semidefinite n x n matrix A; both by rows without gaps. Rows
 * that would divide by zero are left out, so R has as many rows as the rank of A. Returns this rank.
 */
export function cholesky(a: usize, n: i32, r: usize): i32 {
  const pitch = (<usize>n) << 3
  let rank = 0
  let own = r
  for (let p = 0; p < n; p++, a += pitch) {
    const at = (<usize>p) << 3
    const square = load<f64>(a + at)
    let left = square
    for (let q = r; q < own; q += pitch) left -= load<f64>(q + at) * load<f64>(q + at)
    if (!(left > DEPENDENT * square)) continue
    const pivot = Math.sqrt(left)
    const first = at & ~15
    memory.copy(own, a, pitch)
    let q = r
    for (; q + 4 * pitch <= own; q += 4 * pitch) takeFour(own, q, pitch, at, first, pitch)
    for (; q < own; q += pitch) take(own, q, load<f64>(q + at), first, pitch)
    for (let j = at; j < pitch; j += 8) store<f64>(own + j, load<f64>(own + j) / pivot)
    memory.fill(own, 0, at)
    own += pitch
    rank++
  }
  return rank
}
