// Panels of 128 rows in f32, one column after another, four rows per register, and products of their columns.
//
// A column takes 512 bytes. Products are summed in 3 x 3 blocks: nine accumulators hide the latency of fused multiply-adds. (Without fused
// multiply-adds the accumulators spill, and 4 x 2 would be the better shape.) Each lane sums 32 products in f32; all further sums are f64.
import { entryAt, PITCH } from './panel'
import { madd32, TILE } from './simd'

export { PITCH } from './panel'

export const SINGLE_ROWS: i32 = 128
/** Bytes of one column of f32 in a tile. */
export const COLUMN: usize = TILE << 2

/** Zeroes the columns after the k-th, as far as products read them. @inline */
export function padSingle(panel: usize, k: i32): void {
  memory.fill(panel + <usize>k * PITCH, 0, <usize>(((k + 2) / 3) * 3 - k) * PITCH)
}

/**
 * Adds MᵀM of a panel M of k columns to the upper triangle at `c`, f64, by rows. Leaves out the products of the first `known` columns with
 * each other.
 */
export function addSingle(panel: usize, known: i32, k: i32, c: usize): void {
  const padded = ((k + 2) / 3) * 3
  for (let i = 0; i < padded; i += 3) {
    const first = i < known ? known - (known % 3) : i
    for (let j = first; j < padded; j += 3) blockSingle(panel, i, j, known, k, c)
  }
}

/** The sum of a's four lanes and the sum of b's: pairs of lanes are added in f32, and the results in f64. @inline */
function pairsSingle(a: v128, b: v128): v128 {
  const v = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  return f64x2.add(
    f64x2.promote_low_f32x4(v),
    f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1))
  )
}

/** The first of the two sums of `pairsSingle`. @inline */
function oneSingle(a: v128): f64 {
  return f64x2.extract_lane(pairsSingle(a, a), 0)
}

/** Adds to those of the entries (i, j), (i, j + 1) and (i, j + 2) that are wanted. @inline */
function add(c: usize, i: i32, j: i32, known: i32, width: i32, v: v128, last: f64): void {
  const p = c + ((<usize>entryAt(known, width, i, j)) << 3)
  const first = max(i, known)
  if (j >= first && j + 2 < width) {
    v128.store(p, f64x2.add(v128.load(p), v))
    store<f64>(p, load<f64>(p, 16) + last, 16)
  } else if (i < width) {
    if (j >= first && j < width) store<f64>(p, load<f64>(p) + f64x2.extract_lane(v, 0))
    if (j + 1 >= first && j + 1 < width) {
      store<f64>(p, load<f64>(p, 8) + f64x2.extract_lane(v, 1), 8)
    }
    if (j + 2 < width) store<f64>(p, load<f64>(p, 16) + last, 16)
  }
}

/** Sums a 3 x 3 block of products over 128 rows, and adds the sums to the upper triangle at `c`. @inline */
function blockSingle(panel: usize, i: i32, j: i32, known: i32, width: i32, c: usize): void {
  let p = panel + <usize>i * PITCH
  let q = panel + <usize>j * PITCH
  let a0 = f32x4.splat(0),
    b0 = a0,
    c0 = a0,
    a1 = a0,
    b1 = a0,
    c1 = a0,
    a2 = a0,
    b2 = a0,
    c2 = a0
  for (const end = p + PITCH; p < end; p += 16, q += 16) {
    const s = v128.load(q)
    const t = v128.load(q, PITCH)
    const u = v128.load(q, 2 * PITCH)
    let m = v128.load(p)
    a0 = madd32(m, s, a0)
    b0 = madd32(m, t, b0)
    c0 = madd32(m, u, c0)
    m = v128.load(p, PITCH)
    a1 = madd32(m, s, a1)
    b1 = madd32(m, t, b1)
    c1 = madd32(m, u, c1)
    m = v128.load(p, 2 * PITCH)
    a2 = madd32(m, s, a2)
    b2 = madd32(m, t, b2)
    c2 = madd32(m, u, c2)
  }
  add(c, i, j, known, width, pairsSingle(a0, b0), oneSingle(c0))
  add(c, i + 1, j, known, width, pairsSingle(a1, b1), oneSingle(c1))
  add(c, i + 2, j, known, width, pairsSingle(a2, b2), oneSingle(c2))
}

/**
 * M R for a panel M of k columns and R of `kept` columns, a multiple of four, f32, by rows. The result has the column layout of a tile,
 * starting at `out`.
 */
export function turnSingle(panel: usize, k: i32, r: usize, kept: i32, out: usize): void {
  const pitch = (<usize>kept) << 2
  for (let j: usize = 0; j < <usize>kept; j += 4) {
    for (let i: usize = 0; i < PITCH; i += 32) {
      const to = out + j * COLUMN + i
      fourSingle(false, 0, 0, 0, 0, panel + i, r + (j << 2), pitch, k, to)
    }
  }
}

/**
 * Eight rows of M R for a panel M of k columns and four columns of R, f32, in rows of `pitch` bytes; if `isAdded`, they are added to the
 * columns at p0 to p3. The result has the column layout of a tile, starting at `out`. @inline
 */
export function fourSingle(
  isAdded: bool,
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize,
  panel: usize,
  r: usize,
  pitch: usize,
  k: i32,
  out: usize
): void {
  const zero = f32x4.splat(0)
  let a0 = isAdded ? v128.load(p0) : zero,
    b0 = isAdded ? v128.load(p0, 16) : zero,
    a1 = isAdded ? v128.load(p1) : zero,
    b1 = isAdded ? v128.load(p1, 16) : zero,
    a2 = isAdded ? v128.load(p2) : zero,
    b2 = isAdded ? v128.load(p2, 16) : zero,
    a3 = isAdded ? v128.load(p3) : zero,
    b3 = isAdded ? v128.load(p3, 16) : zero
  for (let i = 0; i < k; i++) {
    const s = v128.load(panel)
    const t = v128.load(panel, 16)
    let c = v128.load32_splat(r)
    a0 = madd32(s, c, a0)
    b0 = madd32(t, c, b0)
    c = v128.load32_splat(r, 4)
    a1 = madd32(s, c, a1)
    b1 = madd32(t, c, b1)
    c = v128.load32_splat(r, 8)
    a2 = madd32(s, c, a2)
    b2 = madd32(t, c, b2)
    c = v128.load32_splat(r, 12)
    a3 = madd32(s, c, a3)
    b3 = madd32(t, c, b3)
    panel += PITCH
    r += pitch
  }
  v128.store(out, a0)
  v128.store(out, b0, 16)
  v128.store(out, a1, COLUMN)
  v128.store(out, b1, COLUMN + 16)
  v128.store(out, a2, 2 * COLUMN)
  v128.store(out, b2, 2 * COLUMN + 16)
  v128.store(out, a3, 3 * COLUMN)
  v128.store(out, b3, 3 * COLUMN + 16)
}
