// Norms of a block's deltas, norms of the weights and the position after it, products of successive deltas, and which rows have ever moved.
//
// Each tile puts 4 + 2n sums into the tile tree: status, ‖w‖², ‖p‖², the number of rows that never moved, ‖x_0‖² .. ‖x_{n-1}‖², x_0·x_1 ..
// x_{n-2}·x_{n-1}, 0. Here p = high + low + x_0 + .. + x_{n-1} and w = w0 + p (p alone if w0 is not known). Squares, products and sums are
// f64, two f32 lanes at a time, so the relative error of each sum is below (rows / 2 + log2 tiles) 2^-53 (for a product: relative to the
// product of the norms). State: one byte per row, 1 once the row has moved. Scratch: the tree's stack, and 4096 bytes.
import { begin, one, two, WORDS } from './lib/health-columns'
import { pair, sum64, TILE } from './lib/simd'
import { Sums, treePush, treeSlot } from './lib/tree'

/**
 * Adds `count` columns to the sums, over `tiles` tiles. Returns the stack's new depth.
 *
 * `moved` points to the rows' bytes, which are written only if `keep` is set.
 */
export function health_norms(
  x: usize,
  stride: usize,
  count: i32,
  elementBytes: i32,
  weights: usize,
  high: usize,
  low: usize,
  moved: usize,
  keep: bool,
  tiles: i32,
  index: u32,
  from: Sums<u32>,
  stack: Sums<usize>,
  depth: Sums<i32>,
  scratch: usize
): i32 {
  const width = 4 + 2 * count
  for (let tile = 0; tile < tiles; tile++) {
    const slot = treeSlot(stack, depth, width)
    memory.fill(slot, 0, (<usize>width) << 3)
    begin(high, low, scratch)
    if (elementBytes === 8) columns<f64>(x, stride, count, scratch, slot + 32)
    else columns<f32>(x, stride, count, scratch, slot + 32)
    positions(weights, scratch, slot)
    const still =
      elementBytes === 8 ? mark<f64>(moved, scratch, keep) : mark<f32>(moved, scratch, keep)
    store<f64>(slot, <f64>still, 24)
    depth = treePush(stack, depth, width, index + tile, from)
    x += TILE * elementBytes
    high += TILE << 2
    low += TILE << 2
    if (weights !== 0) weights += TILE << 2
    moved += TILE
  }
  return depth
}

/** Reads a tile's columns: writes ‖x_j‖² to `squares`, then the products of each column with the next. */
function columns<T>(x: usize, stride: usize, count: i32, scratch: usize, squares: usize): void {
  let products = squares + ((<usize>count) << 3)
  let left = count
  for (; left > 1; left -= 2) {
    two<T>(x, stride, left > 2, scratch, squares, products)
    x += 2 * stride
    squares += 16
    products += 16
  }
  if (left > 0) one<T>(x, scratch, squares)
}

/** Adds ‖w‖² and ‖p‖² of a tile to its sums. */
function positions(weights: usize, scratch: usize, slot: usize): void {
  let norm = f64x2.splat(0)
  let distance = f64x2.splat(0)
  for (let r: usize = 0; r < <usize>TILE; r += 2) {
    let p = v128.load(scratch + (r << 3))
    distance = f64x2.add(distance, f64x2.mul(p, p))
    if (weights !== 0) p = f64x2.add(p, pair<f32>(weights + (r << 2)))
    norm = f64x2.add(norm, f64x2.mul(p, p))
  }
  store<f64>(slot, sum64(norm), 8)
  store<f64>(slot, sum64(distance), 16)
}

/** Tells which of four rows have more bits than the sign, one bit for each row. @inline */
function moving<T>(word: usize): i32 {
  if (sizeof<T>() === 4) {
    return i32x4.bitmask(i32x4.ne(i32x4.shl(v128.load(word), 1), i32x4.splat(0)))
  }
  const low = i64x2.ne(i64x2.shl(v128.load(word), 1), i64x2.splat(0))
  const high = i64x2.ne(i64x2.shl(v128.load(word, 16), 1), i64x2.splat(0))
  return i64x2.bitmask(low) | (i64x2.bitmask(high) << 2)
}

/** Marks the rows of a tile that moved, and stores the marks if `keep` is set. Returns how many rows have never moved. */
function mark<T>(moved: usize, scratch: usize, keep: bool): i32 {
  let still = TILE
  let word = scratch + WORDS
  for (const end = moved + TILE; moved < end; moved += 4) {
    const rows = moving<T>(word)
    const bytes = (rows & 1) | ((rows & 2) << 7) | ((rows & 4) << 14) | ((rows & 8) << 21)
    const now = load<u32>(moved) | bytes
    still -= popcnt<u32>(now)
    if (keep) store<u32>(moved, now)
    word += 4 * sizeof<T>()
  }
  return still
}
