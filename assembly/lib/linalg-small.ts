// Small dense matrices by rows in f64: products, and eigenvectors of tridiagonal matrices. Nothing is fused, and lanes are columns, so the
// bits equal those of the reference in every build.

import { turn, UNIT } from './linalg-turn'

/** c + (p w + q x) + (r y + s z) on two columns, where w, x, y, z are the four rows of B at `b`. @inline */
function four(c: v128, b: usize, ofB: usize, p: f64, q: f64, r: f64, s: f64): v128 {
  const first = f64x2.add(
    f64x2.mul(f64x2.splat(p), v128.load(b)),
    f64x2.mul(f64x2.splat(q), v128.load(b + ofB))
  )
  const second = f64x2.add(
    f64x2.mul(f64x2.splat(r), v128.load(b + 2 * ofB)),
    f64x2.mul(f64x2.splat(s), v128.load(b + 3 * ofB))
  )
  return f64x2.add(c, f64x2.add(first, second))
}

/**
 * C += A B for A of `rows` x n and B of n x `columns`. `ofC` and `ofB` are the bytes between rows. In A, `ofA` bytes lie between rows and
 * `beside` bytes between columns, so A may be stored by columns. Takes four rows of B at a time.
 */
export function add_product(
  c: usize,
  ofC: usize,
  a: usize,
  ofA: usize,
  beside: usize,
  b: usize,
  ofB: usize,
  rows: i32,
  n: i32,
  columns: i32
): void {
  const width = (<usize>columns) << 3
  const pairs = width & ~15
  for (let i = 0; i < rows; i++, c += ofC, a += ofA) {
    let from = a
    let right = b
    let k = 0
    for (; k + 4 <= n; k += 4, from += 4 * beside, right += 4 * ofB) {
      const p = load<f64>(from)
      const q = load<f64>(from + beside)
      const r = load<f64>(from + 2 * beside)
      const s = load<f64>(from + 3 * beside)
      if (p === 0 && q === 0 && r === 0 && s === 0) continue
      for (let j: usize = 0; j < pairs; j += 16) {
        v128.store(c + j, four(v128.load(c + j), right + j, ofB, p, q, r, s))
      }
      if (pairs < width) {
        const at = right + pairs
        const first = p * load<f64>(at) + q * load<f64>(at + ofB)
        const second = r * load<f64>(at + 2 * ofB) + s * load<f64>(at + 3 * ofB)
        store<f64>(c + pairs, load<f64>(c + pairs) + (first + second))
      }
    }
    for (; k < n; k++, from += beside, right += ofB) {
      const factor = load<f64>(from)
      for (let j: usize = 0; j < width; j += 8) {
        store<f64>(c + j, load<f64>(c + j) + factor * load<f64>(right + j))
      }
    }
  }
}

/** V <- V (I - u uᵀ / half) on the first `count` rows and columns. @inline */
function reflect(v: usize, pitch: usize, u: usize, half: f64, count: i32): void {
  const width = (<usize>count) << 3
  for (let row = v, end = v + <usize>count * pitch; row < end; row += pitch) {
    let dot: f64 = 0
    for (let j: usize = 0; j < width; j += 8) dot += load<f64>(row + j) * load<f64>(u + j)
    dot /= half
    for (let j: usize = 0; j < width; j += 8) {
      store<f64>(row + j, load<f64>(row + j) - dot * load<f64>(u + j))
    }
  }
}

/** One implicit QL step on rows l .. m of n, with Wilkinson's shift. @inline */
function shifted(d: usize, e: usize, v: usize, pitch: usize, l: i32, m: i32, n: i32): void {
  const first = d + ((<usize>l) << 3)
  const last = d + ((<usize>m) << 3)
  const beside = load<f64>(e + ((<usize>l) << 3), 8)
  const half = (load<f64>(first, 8) - load<f64>(first)) / (2 * beside)
  const root = sqrt<f64>(half * half + 1)
  let g = load<f64>(last) - load<f64>(first) + beside / (half < 0 ? half - root : half + root)
  let s: f64 = 1
  let c: f64 = 1
  let shift: f64 = 0
  if (m + 1 < n) store<f64>(e + ((<usize>m) << 3), 0, 8)
  for (let i = m - 1; i >= l; i--) {
    const own = d + ((<usize>i) << 3)
    const off = e + ((<usize>i) << 3)
    const f = s * load<f64>(off, 8)
    const b = c * load<f64>(off, 8)
    const r = sqrt<f64>(f * f + g * g)
    if (i + 1 < m) store<f64>(off, r, 16)
    if (r === 0) {
      store<f64>(own, load<f64>(own, 8) - shift, 8)
      return
    }
    s = f / r
    c = g / r
    g = load<f64>(own, 8) - shift
    const t = (load<f64>(own) - g) * s + 2 * c * b
    shift = s * t
    store<f64>(own, g + shift, 8)
    g = c * t - b
    const low = v + <usize>i * pitch
    turn(low, low + pitch, c, s, pitch)
  }
  store<f64>(first, load<f64>(first) - shift)
  store<f64>(e + ((<usize>l) << 3), g, 8)
}

/**
 * Writes the eigenvalues of what `tridiagonal` left to d, unsorted, and the eigenvectors of A to the rows of V, n x n, `pitch` bytes apart,
 * a multiple of 16. Implicit QL (Dubrulle 1970). Destroys e. Returns 0 if `most` steps were not enough for one eigenvalue, else 1.
 */
export function diagonal(
  a: usize,
  n: i32,
  pitch: usize,
  d: usize,
  e: usize,
  h: usize,
  v: usize,
  most: i32
): i32 {
  memory.fill(v, 0, <usize>n * pitch)
  for (let i: usize = 0; i < <usize>n; i++) store<f64>(v + i * (pitch + 8), 1)
  for (let i = 1; i < n; i++) {
    const half = load<f64>(h + ((<usize>i) << 3))
    if (half !== 0) reflect(v, pitch, a + <usize>i * pitch, half, i)
  }
  for (let l = 0; l < n; l++) {
    for (let steps = 0; ; steps++) {
      let m = l
      for (; m < n - 1; m++) {
        const at = (<usize>m) << 3
        const scale = abs<f64>(load<f64>(d + at)) + abs<f64>(load<f64>(d + at, 8))
        if (abs<f64>(load<f64>(e + at, 8)) <= UNIT * scale) break
      }
      if (m === l) break
      if (steps === most) return 0
      shifted(d, e, v, pitch, l, m, n)
    }
  }
  return 1
}
