// Products of large matrices, random matrices, and the reduction of a symmetric matrix to three diagonals.
//
// A matrix is stored in panels of 32 bytes per row: four columns of f64 or eight of f32. A panel holds its columns row by row, and the
// panels follow one another. Rows and columns are padded with zeros to multiples of eight. So both operands of a product are read from end
// to end, and one loop with eight accumulators makes all products: four columns of A times a panel of B. 256 rows are multiplied at a time,
// so that a panel of B stays in the first-level cache and 64 columns of A stay in the second (Goto and van de Geijn 2008). Sums run in the
// precision of the elements, in the order of the rows. The error of an element of the product is at most k u Σ|a b|, with k the number of
// rows.
import { madd32, madd64 } from './lib/simd'

export { jacobi_sweeps } from './lib/linalg-jacobi'
export { noise } from './lib/linalg-noise'
export { mirror, place } from './lib/linalg-place'
export { cholesky } from './lib/linalg-root'
export { add_product, diagonal } from './lib/linalg-small'
export { tridiagonal } from './lib/linalg-tridiagonal'

/** Rows that are multiplied at a time. */
const DEPTH: i32 = 256
/** Columns of A that are multiplied by a panel of B before the next panel. */
const BLOCK: i32 = 64
/** Bytes of one row of a panel. */
const PITCH: usize = 32

/** Where a product goes: the address of its first element, and the bytes between its rows and between its panels. */
type Out<T> = T

/** @inline */
function madd<T>(a: v128, b: v128, c: v128): v128 {
  return sizeof<T>() === 8 ? madd64(a, b, c) : madd32(a, b, c)
}

/** Columns of a panel. @inline */
function widthOf<T>(): i32 {
  return <i32>(PITCH / sizeof<T>())
}

/** Address of a column in panels of k rows; it is followed by the later columns of its panel. @inline */
function columnOf<T>(panels: usize, column: i32, k: i32): usize {
  const bytes = <usize>column * sizeof<T>()
  return panels + (bytes & ~(PITCH - 1)) * <usize>k + (bytes & (PITCH - 1))
}

/** Stores a row of a product, or adds it to the stored one. @inline */
function put<T>(out: usize, isFirst: bool, x: v128, y: v128): void {
  v128.store(out, isFirst ? x : v128.add<T>(v128.load(out), x))
  v128.store(out, isFirst ? y : v128.add<T>(v128.load(out, 16), y), 16)
}

/** Multiplies four columns at `a` by a panel at `b` over k rows, into four rows of `out`. @inline */
function four<T>(a: usize, b: usize, k: i32, out: usize, row: usize, isFirst: bool): void {
  let a0 = v128.splat<T>(<T>0),
    b0 = a0,
    a1 = a0,
    b1 = a0,
    a2 = a0,
    b2 = a0,
    a3 = a0,
    b3 = a0
  for (const end = b + <usize>k * PITCH; b < end; b += PITCH, a += PITCH) {
    const x = v128.load(b)
    const y = v128.load(b, 16)
    let s = v128.load_splat<T>(a)
    a0 = madd<T>(s, x, a0)
    b0 = madd<T>(s, y, b0)
    s = v128.load_splat<T>(a, sizeof<T>())
    a1 = madd<T>(s, x, a1)
    b1 = madd<T>(s, y, b1)
    s = v128.load_splat<T>(a, 2 * sizeof<T>())
    a2 = madd<T>(s, x, a2)
    b2 = madd<T>(s, y, b2)
    s = v128.load_splat<T>(a, 3 * sizeof<T>())
    a3 = madd<T>(s, x, a3)
    b3 = madd<T>(s, y, b3)
  }
  put<T>(out, isFirst, a0, b0)
  put<T>(out + row, isFirst, a1, b1)
  put<T>(out + 2 * row, isFirst, a2, b2)
  put<T>(out + 3 * row, isFirst, a3, b3)
}

function innerOf<T>(
  a: usize,
  m: i32,
  b: usize,
  n: i32,
  k: i32,
  isSymmetric: bool,
  out: usize,
  row: usize,
  panel: usize
): void {
  const width = widthOf<T>()
  for (let from = 0; from < k; from += DEPTH) {
    const depth = min(DEPTH, k - from)
    const skip = <usize>from * PITCH
    for (let block = 0; block < m; block += BLOCK) {
      for (let j = isSymmetric ? block : 0; j < n; j += width) {
        const right = columnOf<T>(b, j, k) + skip
        const to = out + <usize>(j / width) * panel
        const end = min(block + BLOCK, isSymmetric ? min(m, j + width) : m)
        for (let i = block; i < end; i += 4) {
          const left = columnOf<T>(a, i, k) + skip
          four<T>(left, right, depth, to + <usize>i * row, row, from === 0)
        }
      }
    }
  }
}

/** out <- AᵀB, A k x m and B k x n in panels of f64. If A is B, writes only the diagonal of the symmetric product and what is above it. */
export function inner_f64(
  a: usize,
  m: i32,
  b: usize,
  n: i32,
  k: i32,
  isSymmetric: bool,
  start: Out<usize>,
  row: Out<usize>,
  panel: Out<usize>
): void {
  innerOf<f64>(a, m, b, n, k, isSymmetric, start, row, panel)
}

/** The same in f32. */
export function inner_f32(
  a: usize,
  m: i32,
  b: usize,
  n: i32,
  k: i32,
  isSymmetric: bool,
  start: Out<usize>,
  row: Out<usize>,
  panel: Out<usize>
): void {
  innerOf<f32>(a, m, b, n, k, isSymmetric, start, row, panel)
}

/** @inline */
function symmetricOf<T>(
  n: i32,
  shift: f64,
  scale: f64,
  start: usize,
  row: usize,
  panel: usize
): void {
  const width = widthOf<T>()
  for (let j = 0; j < n; j++) {
    const column = start + <usize>(j / width) * panel + <usize>(j % width) * sizeof<T>()
    for (let i = 0; i < j; i++) {
      const p = column + <usize>i * row
      const value = <T>(<f64>load<T>(p) * scale)
      store<T>(p, value)
      const across = start + <usize>(i / width) * panel + <usize>(i % width) * sizeof<T>()
      store<T>(across + <usize>j * row, value)
    }
    const p = column + <usize>j * row
    store<T>(p, <T>(<f64>load<T>(p) * scale + shift))
  }
}

/** S <- shift I + scale S, where S is n x n and given on and above its diagonal. */
export function symmetric_f64(
  n: i32,
  shift: f64,
  scale: f64,
  start: Out<usize>,
  row: Out<usize>,
  panel: Out<usize>
): void {
  symmetricOf<f64>(n, shift, scale, start, row, panel)
}

/** The same in f32. */
export function symmetric_f32(
  n: i32,
  shift: f64,
  scale: f64,
  start: Out<usize>,
  row: Out<usize>,
  panel: Out<usize>
): void {
  symmetricOf<f32>(n, shift, scale, start, row, panel)
}

/** Writes rows [at, at + rows) of Y, m x n, as columns of panels of n rows. @inline */
function turned<T>(y: usize, m: i32, n: i32, at: i32, rows: i32, to: usize): void {
  const width = widthOf<T>()
  for (let j = 0; j < n; j++) {
    const from = columnOf<T>(y, j, m) + <usize>at * PITCH
    for (let i = 0; i < rows; i += width) {
      const p = columnOf<T>(to, i, n) + <usize>j * PITCH
      for (let l = 0; l < width; l++) {
        store<T>(p + <usize>l * sizeof<T>(), load<T>(from + <usize>(i + l) * PITCH))
      }
    }
  }
}

function multiplyOf<T>(y: usize, m: i32, n: i32, p: usize, s: i32, out: usize, work: usize): void {
  const width = widthOf<T>()
  for (let at = 0; at < m; at += BLOCK) {
    const rows = min(BLOCK, m - at)
    turned<T>(y, m, n, at, rows, work)
    for (let from = 0; from < n; from += DEPTH) {
      const depth = min(DEPTH, n - from)
      const skip = <usize>from * PITCH
      for (let j = 0; j < s; j += width) {
        const right = columnOf<T>(p, j, n) + skip
        const to = columnOf<T>(out, j, m) + <usize>at * PITCH
        for (let i = 0; i < rows; i += 4) {
          const left = columnOf<T>(work, i, n) + skip
          four<T>(left, right, depth, to + <usize>i * PITCH, PITCH, from === 0)
        }
      }
    }
  }
}

/** out <- Y P, Y m x n and P n x s, in panels of f64; `out` may be Y if s = n. `work` has room for 64 n elements. */
export function multiply_f64(
  y: usize,
  m: i32,
  n: i32,
  p: usize,
  s: i32,
  out: usize,
  work: usize
): void {
  multiplyOf<f64>(y, m, n, p, s, out, work)
}

/** The same in f32. */
export function multiply_f32(
  y: usize,
  m: i32,
  n: i32,
  p: usize,
  s: i32,
  out: usize,
  work: usize
): void {
  multiplyOf<f32>(y, m, n, p, s, out, work)
}
