// Eigenvalues of a small real matrix in f64. The bits equal those of `src/linalg/eigenvalues.ts`, which names the method and its error:
// nothing is fused, sums run in the same order, and lanes are columns.
//
// Layout: H is n x n by rows without gaps, and is destroyed. `values` holds n pairs of f64, real and imaginary part, sorted by modulus,
// largest first; of a conjugate pair the value above the real axis comes first. Scratch: `work`, n numbers, at least three.
import { hessenberg } from './koopman-hessenberg'
import { UNIT } from './linalg-turn'

/** First row of the block that ends at `end`: the subdiagonal entry that joins this row to the one above is negligible. @inline */
function decoupled(h: usize, n: i32, end: i32, norm: f64): i32 {
  const pitch = (<usize>n) << 3
  let i = end
  for (let at = h + <usize>end * (pitch + 8); i > 0; i--, at -= pitch + 8) {
    const scale = abs<f64>(load<f64>(at - pitch - 8)) + abs<f64>(load<f64>(at))
    if (abs<f64>(load<f64>(at - 8)) <= UNIT * (scale > 0 ? scale : norm)) {
      store<f64>(at - 8, 0)
      break
    }
  }
  return i
}

/** Sorts a value into those found so far, by decreasing modulus, then real part, then imaginary part; equal values keep their order. */
function place(values: usize, found: i32, re: f64, im: f64): void {
  const square = re * re + im * im
  let at = values + ((<usize>found) << 4)
  for (; at > values; at -= 16) {
    const x = load<f64>(at - 16)
    const y = load<f64>(at - 8)
    const other = x * x + y * y
    if (other > square || (other === square && (x > re || (x === re && y >= im)))) break
    v128.store(at, v128.load(at - 16))
  }
  store<f64>(at, re)
  store<f64>(at, im, 8)
}

/** Eigenvalues of the 2 x 2 block at `at`. @inline */
function pair(at: usize, pitch: usize, shifted: f64, values: usize, found: i32): void {
  const a = load<f64>(at)
  const d = load<f64>(at + pitch, 8)
  const bc = load<f64>(at, 8) * load<f64>(at + pitch)
  const p = (a - d) / 2
  const square = p * p + bc
  const root = sqrt<f64>(abs<f64>(square))
  if (square < 0) {
    const re = (a + d) / 2 + shifted
    place(values, found, re, root)
    place(values, found + 1, re, -root)
    return
  }
  const far = p < 0 ? p - root : p + root
  const near = far === 0 ? 0 : -bc / far
  place(values, found, d + far + shifted, 0)
  place(values, found + 1, d + near + shifted, 0)
}

/** Writes to v the reflector (a, b, c), of norm √2, that turns (x, y, z) to the first axis; returns false for a zero vector. @inline */
function reflector(v: usize, x: f64, y: f64, z: f64): bool {
  const largest = max<f64>(max<f64>(abs<f64>(x), abs<f64>(y)), abs<f64>(z))
  if (largest === 0) return false
  let a = x / largest
  const b = y / largest
  const c = z / largest
  const norm = sqrt<f64>(a * a + b * b + c * c)
  a += a < 0 ? -norm : norm
  const scale = sqrt<f64>(2 / (a * a + b * b + c * c))
  store<f64>(v, a * scale)
  store<f64>(v, b * scale, 8)
  store<f64>(v, c * scale, 16)
  return true
}

/**
 * H <- Q H Q for the reflection by v on rows k, k + 1 and, if `third` is 2, k + 2, where H within start .. end is not known to be zero. If
 * `third` is 1, the last entry of v is 0, and the second row is used again without effect. @inline
 */
function reflect(h: usize, n: i32, k: i32, v: usize, third: i32, start: i32, end: i32): void {
  const pitch = (<usize>n) << 3
  const a = load<f64>(v)
  const b = load<f64>(v, 8)
  const c = load<f64>(v, 16)
  const first = h + <usize>k * pitch
  const down = <usize>third * pitch
  const last = first + ((<usize>end) << 3)
  let at = first + ((<usize>max<i32>(start, k - 1)) << 3)
  const as = f64x2.splat(a),
    bs = f64x2.splat(b),
    cs = f64x2.splat(c)
  for (; at < last; at += 16) {
    const x = v128.load(at)
    const y = v128.load(at + pitch)
    const z = v128.load(at + down)
    const sum = f64x2.add(f64x2.add(f64x2.mul(as, x), f64x2.mul(bs, y)), f64x2.mul(cs, z))
    v128.store(at, f64x2.sub(x, f64x2.mul(sum, as)))
    v128.store(at + pitch, f64x2.sub(y, f64x2.mul(sum, bs)))
    if (third === 2) v128.store(at + down, f64x2.sub(z, f64x2.mul(sum, cs)))
  }
  if (at === last) {
    const x = load<f64>(at)
    const y = load<f64>(at + pitch)
    const z = load<f64>(at + down)
    const sum = a * x + b * y + c * z
    store<f64>(at, x - sum * a)
    store<f64>(at + pitch, y - sum * b)
    if (third === 2) store<f64>(at + down, z - sum * c)
  }
  const beside = (<usize>third) << 3
  at = h + <usize>start * pitch + ((<usize>k) << 3)
  for (let i = start; i <= min<i32>(end, k + 3); i++, at += pitch) {
    const x = load<f64>(at)
    const y = load<f64>(at, 8)
    const z = load<f64>(at + beside)
    const sum = a * x + b * y + c * z
    store<f64>(at, x - sum * a)
    store<f64>(at, y - sum * b, 8)
    if (third === 2) store<f64>(at + beside, z - sum * c)
  }
}

/** One implicit double step on rows and columns start .. end. @inline */
function francis(h: usize, n: i32, start: i32, end: i32, exceptional: bool, v: usize): void {
  const pitch = (<usize>n) << 3
  const diagonal = pitch + 8
  const last = h + <usize>end * diagonal
  const before = last - diagonal
  let sum = load<f64>(before) + load<f64>(last)
  let product = load<f64>(before) * load<f64>(last) - load<f64>(before, 8) * load<f64>(last - 8)
  if (exceptional) {
    const s = abs<f64>(load<f64>(last - 8)) + abs<f64>(load<f64>(before - 8))
    sum = 1.5 * s
    product = s * s
  }
  let at = h + <usize>start * diagonal
  const first = load<f64>(at)
  let x = (first * first - sum * first + product) / load<f64>(at + pitch) + load<f64>(at, 8)
  let y = first + load<f64>(at + diagonal) - sum
  let z = load<f64>(at + diagonal + pitch)
  for (let k = start; k < end; k++, at += diagonal) {
    if (k === end - 1) z = 0
    if (reflector(v, x, y, z)) reflect(h, n, k, v, k < end - 1 ? 2 : 1, start, end)
    x = load<f64>(at + pitch)
    y = k + 2 <= end ? load<f64>(at + 2 * pitch) : 0
    z = k + 3 <= end ? load<f64>(at + 3 * pitch) : 0
  }
  for (let i = start + 2; i <= end; i++) {
    const row = h + <usize>i * diagonal
    store<f64>(row - 16, 0)
    if (i > start + 2) store<f64>(row - 24, 0)
  }
}

/** Moves the origin to the last diagonal entry. Returns the shift. @inline */
function displace(h: usize, n: i32, end: i32): f64 {
  const diagonal = (<usize>(n + 1)) << 3
  const last = h + <usize>end * diagonal
  const by = load<f64>(last)
  for (let at = h; at <= last; at += diagonal) store<f64>(at, load<f64>(at) - by)
  return by
}

/**
 * Writes the eigenvalues of H, n x n, to `values`. Returns 0 if an entry is not finite or if `most` double steps were not enough for one
 * eigenvalue, else 1.
 */
export function koopman_eigenvalues(h: usize, n: i32, values: usize, work: usize, most: i32): i32 {
  const pitch = (<usize>n) << 3
  const over = h + <usize>n * pitch
  for (let at = h; at < over; at += 8) if (!(abs<f64>(load<f64>(at)) < Infinity)) return 0
  hessenberg(h, n, work)
  let norm: f64 = 0
  for (let at = h; at < over; at += 8) norm += abs<f64>(load<f64>(at))
  let shifted: f64 = 0
  let steps = 0
  let found = 0
  for (let end = n - 1; end >= 0; end = n - 1 - found) {
    const start = decoupled(h, n, end, norm)
    const at = h + <usize>start * (pitch + 8)
    if (start === end) {
      place(values, found, load<f64>(at) + shifted, 0)
      found += 1
      steps = 0
    } else if (start === end - 1) {
      pair(at, pitch, shifted, values, found)
      found += 2
      steps = 0
    } else {
      if (steps === most) return 0
      const exceptional = steps % 10 === 9
      if (exceptional) shifted += displace(h, n, end)
      francis(h, n, start, end, exceptional, work)
      steps++
    }
  }
  return 1
}
