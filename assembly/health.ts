// Norms of a block's deltas, of the weights and the position after it, products of successive deltas, and which rows have
// ever moved.
//
// Per tile, into the tile tree, width 4 + 2n: status, ‖w‖², ‖p‖², the number of rows that never moved, ‖x_0‖² .. ‖x_{n-1}‖²,
// x_0·x_1 .. x_{n-2}·x_{n-1}, 0; p = high + low + x_0 + .. + x_{n-1} and w = w0 + p (p without w0). Squares, products and sums
// in f64; two f32 lanes at a time, so each sum's relative error is below (rows / 2 + log2 tiles) 2^-53 (of a product:
// relative to the product of the norms). State: a byte for each row, 1 once it has moved. Scratch: the tree's stack.
import { pair, sum64, TILE } from './lib/simd'
import { Sums, treePush, treeSlot } from './lib/tree'

/** @inline */
function pairOf(p: usize, elementBytes: i32): v128 {
  return elementBytes === 8 ? v128.load(p) : pair<f32>(p)
}

/**
 * Takes `count` columns into the sums, over `tiles` tiles; returns the stack's new depth.
 *
 * `moved` are the bytes of the rows; they are written only to `keep`.
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
  depth: Sums<i32>
): i32 {
  const width = 4 + 2 * count
  for (let tile = 0; tile < tiles; tile++) {
    const first = <usize>(tile * TILE)
    const slot = treeSlot(stack, depth, width)
    memory.fill(slot, 0, (<usize>width) << 3)
    let norm = f64x2.splat(0)
    let distance = f64x2.splat(0)
    let still = 0
    for (let row = first; row < first + <usize>TILE; row += 2) {
      const at = row << 2
      let p = f64x2.add(pair<f32>(high + at), pair<f32>(low + at))
      let any = f64x2.splat(0)
      let column = x + row * <usize>elementBytes
      for (let j = 0; j < count; j++) {
        const value = pairOf(column, elementBytes)
        p = f64x2.add(p, value)
        any = v128.or(any, f64x2.ne(value, f64x2.splat(0)))
        column += stride
      }
      distance = f64x2.add(distance, f64x2.mul(p, p))
      if (weights !== 0) p = f64x2.add(p, pair<f32>(weights + at))
      norm = f64x2.add(norm, f64x2.mul(p, p))
      const low1 = load<u8>(moved + row) | <u8>(i64x2.extract_lane(any, 0) & 1)
      const high1 = load<u8>(moved + row, 1) | <u8>(i64x2.extract_lane(any, 1) & 1)
      still += 2 - <i32>low1 - <i32>high1
      if (keep) {
        store<u8>(moved + row, low1)
        store<u8>(moved + row, high1, 1)
      }
    }
    store<f64>(slot, sum64(norm), 8)
    store<f64>(slot, sum64(distance), 16)
    store<f64>(slot, <f64>still, 24)
    products(x + first * <usize>elementBytes, stride, count, elementBytes, slot + 32)
    depth = treePush(stack, depth, width, index + tile, from)
  }
  return depth
}

/** ‖x_j‖² of one tile's columns, then the products of each with the next. */
function products(x: usize, stride: usize, count: i32, elementBytes: i32, out: usize): void {
  for (let j = 0; j < count; j++) {
    const isLast = j === count - 1
    const next = isLast ? 0 : stride
    let a = f64x2.splat(0)
    let b = f64x2.splat(0)
    let c = f64x2.splat(0)
    let d = f64x2.splat(0)
    let column = x + <usize>j * stride
    for (let r = 0; r < TILE; r += 4) {
      const second = column + 2 * elementBytes
      const u = pairOf(column, elementBytes)
      const v = pairOf(second, elementBytes)
      a = f64x2.add(a, f64x2.mul(u, u))
      b = f64x2.add(b, f64x2.mul(v, v))
      c = f64x2.add(c, f64x2.mul(u, pairOf(column + next, elementBytes)))
      d = f64x2.add(d, f64x2.mul(v, pairOf(second + next, elementBytes)))
      column += 4 * elementBytes
    }
    store<f64>(out + ((<usize>j) << 3), sum64(f64x2.add(a, b)))
    if (!isLast) store<f64>(out + ((<usize>(count + j)) << 3), sum64(f64x2.add(c, d)))
  }
}
