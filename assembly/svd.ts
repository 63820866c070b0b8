// Block Gram incremental SVD: the two passes over the rows, C = MᵀM and B <- M R, with M = [B X q]. `lib/svd-eliminate.ts` mostly replaces
// the second pass.
//
// B, D x l, is this stage's factor: each tile of 256 rows has room for `room` columns, one after another, f32 or, in the reference mode,
// f64. X, D x n, are the block's columns, `stride` bytes apart. If positions are centred (`mean` is not 0), q is one more column:
// mean - (high + low) - X u, formed in f64 from the running mean of the positions (f64 per row). K = l + n (+ 1).
//
// Gram: 64 rows of M at a time are widened into an f64 panel in scratch, K columns of 512 bytes, which stays in the first-level cache.
// Blocks of 4 x 2 columns keep eight accumulators of two rows each. Products of two f32 are exact in f64, so C carries only the rounding of
// its sums: below 2^-53 (128 + log2 tiles) Σ|m_i m_j|. Each tile puts 1 + K (K + 1) / 2 sums into the tile tree: status, then the upper
// triangle by rows. If the columns of B are known to be orthogonal, their products with each other are left out.
// Rotation: the same panel times R (K x k', with k' the number of kept columns padded to a multiple of four, f64, by rows), four columns of
// four rows at a time, summed in f64 and rounded once to the storage. It works in place, because a panel is read before it is written.
// Scratch: the tree's stack, or R; and one panel of 512 (K + 3) bytes.
import { entries, entryAt, PITCH } from './lib/panel'
import { madd64, TILE } from './lib/simd'
import { four } from './lib/svd-four'
import { fill, M, PANEL_ROWS } from './lib/svd-panel'
import { Sums, treePush, treeSlot } from './lib/tree'

export { svd_eliminate, svd_eliminate_single } from './lib/svd-eliminate'
export { svd_mean } from './lib/svd-panel'
export { svd_pivots } from './lib/svd-pivots'
export { svd_gram_single, svd_rotate_single } from './lib/svd-single'

/** Sums a 4 x 2 block of products over 64 rows, and adds the sums to the upper triangle at `c`. @inline */
function block(panel: usize, i: i32, j: i32, known: i32, width: i32, c: usize): void {
  let p = panel + <usize>i * PITCH
  let q = panel + <usize>j * PITCH
  let a0 = f64x2.splat(0),
    a1 = a0,
    a2 = a0,
    a3 = a0,
    b0 = a0,
    b1 = a0,
    b2 = a0,
    b3 = a0
  for (const end = p + PITCH; p < end; p += 16, q += 16) {
    const s = v128.load(q)
    const t = v128.load(q, PITCH)
    let m = v128.load(p)
    a0 = madd64(m, s, a0)
    b0 = madd64(m, t, b0)
    m = v128.load(p, PITCH)
    a1 = madd64(m, s, a1)
    b1 = madd64(m, t, b1)
    m = v128.load(p, 2 * PITCH)
    a2 = madd64(m, s, a2)
    b2 = madd64(m, t, b2)
    m = v128.load(p, 3 * PITCH)
    a3 = madd64(m, s, a3)
    b3 = madd64(m, t, b3)
  }
  put4(c, i, j, known, width, pairs(a0, b0), pairs(a1, b1), pairs(a2, b2), pairs(a3, b3))
}

/** The sum of a's lanes and the sum of b's lanes. @inline */
function pairs(a: v128, b: v128): v128 {
  return f64x2.add(v128.shuffle<f64>(a, b, 0, 2), v128.shuffle<f64>(a, b, 1, 3))
}

/** Adds to four rows of the entries (i, j) and (i, j + 1), as far as they are wanted. @inline */
function put4(
  c: usize,
  i: i32,
  j: i32,
  known: i32,
  width: i32,
  v0: v128,
  v1: v128,
  v2: v128,
  v3: v128
): void {
  const isWhole = j >= known && (i + 4 <= known || (i >= known && j >= i + 4))
  if (isWhole && j + 1 < width) {
    let p = c + ((<usize>entryAt(known, width, i, j)) << 3)
    const bend: usize = i >= known ? 8 : 0
    let down = (<usize>(width - 1 - max(known - 1, i))) << 3
    v128.store(p, f64x2.add(v128.load(p), v0))
    p += down
    down -= bend
    v128.store(p, f64x2.add(v128.load(p), v1))
    p += down
    down -= bend
    v128.store(p, f64x2.add(v128.load(p), v2))
    p += down
    v128.store(p, f64x2.add(v128.load(p), v3))
    return
  }
  add(c, i, j, known, width, v0)
  add(c, i + 1, j, known, width, v1)
  add(c, i + 2, j, known, width, v2)
  add(c, i + 3, j, known, width, v3)
}

/** @inline */
function add(c: usize, i: i32, j: i32, known: i32, width: i32, v: v128): void {
  const first = max(i, known)
  if (i >= width || j + 1 < first) return
  const p = c + ((<usize>entryAt(known, width, i, j)) << 3)
  if (j >= first && j < width) store<f64>(p, load<f64>(p) + f64x2.extract_lane(v, 0))
  if (j + 1 < width) store<f64>(p + 8, load<f64>(p + 8) + f64x2.extract_lane(v, 1))
}

/** C = MᵀM over `tiles` tiles, without the products of the first `known` columns with each other. Returns the tree's new depth. */
export function svd_gram(
  b: M<usize>,
  storageBytes: M<i32>,
  room: M<i32>,
  l: M<i32>,
  x: M<usize>,
  stride: M<usize>,
  elementBytes: M<i32>,
  n: M<i32>,
  mean: M<usize>,
  high: M<usize>,
  low: M<usize>,
  u: M<usize>,
  known: i32,
  tiles: i32,
  index: u32,
  from: Sums<u32>,
  stack: Sums<usize>,
  depth: Sums<i32>,
  panel: usize
): i32 {
  const k = l + n + i32(mean !== 0)
  const padded = (k + 3) & ~3
  const width = 1 + entries(known, k)
  memory.fill(panel + <usize>k * PITCH, 0, <usize>(padded - k) * PITCH)
  for (let tile = 0; tile < tiles; tile++) {
    const slot = treeSlot(stack, depth, width)
    memory.fill(slot, 0, (<usize>width) << 3)
    for (let r = 0; r < TILE; r += PANEL_ROWS) {
      fill(
        b,
        storageBytes,
        room,
        l,
        x,
        stride,
        elementBytes,
        n,
        mean,
        high,
        low,
        u,
        tile * TILE + r,
        panel
      )
      for (let i = 0; i < padded; i += 4) {
        const first = i < known ? known & ~1 : i
        for (let j = first; j < padded; j += 2) block(panel, i, j, known, k, slot + 8)
      }
    }
    depth = treePush(stack, depth, width, index + tile, from)
  }
  return depth
}

/**
 * out <- M R, with room for `outRoom` columns per tile; `out` may be `b`. `kept` is a multiple of four, and the columns of R beyond the
 * kept rank are zero.
 */
export function svd_rotate(
  b: M<usize>,
  storageBytes: M<i32>,
  room: M<i32>,
  l: M<i32>,
  x: M<usize>,
  stride: M<usize>,
  elementBytes: M<i32>,
  n: M<i32>,
  mean: M<usize>,
  high: M<usize>,
  low: M<usize>,
  u: M<usize>,
  tiles: i32,
  r: usize,
  kept: i32,
  panel: usize,
  out: usize,
  outRoom: i32
): void {
  const k = l + n + i32(mean !== 0)
  const pitch = (<usize>kept) << 3
  for (let row = 0; row < tiles * TILE; row += PANEL_ROWS) {
    fill(b, storageBytes, room, l, x, stride, elementBytes, n, mean, high, low, u, row, panel)
    const inTile = row & (TILE - 1)
    for (let j = 0; j < kept; j += 4) {
      const to = out + <usize>((row - inTile) * outRoom + j * TILE + inTile) * storageBytes
      for (let i = 0; i < PANEL_ROWS; i += 4) {
        const from = panel + ((<usize>i) << 3)
        const at = to + <usize>(i * storageBytes)
        four(false, 0, 0, 0, 0, from, r + ((<usize>j) << 3), pitch, k, at, storageBytes)
      }
    }
  }
}
