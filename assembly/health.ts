// Norms of a block's deltas and of the weights after it.
//
// Per tile of 256 rows, into the tile tree, width 2 + n: status, ‖w‖², ‖x_0‖² .. ‖x_{n-1}‖², with
// w = w0 + high + low + x_0 + .. + x_{n-1} (without w0: the position). Squares and sums in f64; two f32 lanes at a time, so
// each sum's relative error is below (rows / 2 + log2 tiles) 2^-53. Scratch: the tree's stack.
import { TILE } from './lib/simd'
import { Sums, treePush, treeSlot } from './lib/tree'

/** @inline */
function pair(p: usize, elementBytes: i32): v128 {
  return elementBytes === 8 ? v128.load(p) : f64x2.promote_low_f32x4(v128.load64_zero(p))
}

/** Norms of `count` columns and of the weights after them, over `tiles` tiles; returns the stack's new depth. */
export function health_norms(
  x: usize,
  stride: usize,
  count: i32,
  elementBytes: i32,
  weights: usize,
  high: usize,
  low: usize,
  tiles: i32,
  index: u32,
  from: Sums<u32>,
  stack: Sums<usize>,
  depth: Sums<i32>
): i32 {
  const width = 2 + count
  for (let tile = 0; tile < tiles; tile++) {
    const first = <usize>(tile * TILE)
    const slot = treeSlot(stack, depth, width)
    memory.fill(slot, 0, (<usize>width) << 3)
    let norm = f64x2.splat(0)
    for (let row = first; row < first + <usize>TILE; row += 2) {
      const at = row << 2
      let w = f64x2.add(pair(high + at, 4), pair(low + at, 4))
      if (weights !== 0) w = f64x2.add(w, pair(weights + at, 4))
      let column = x + row * <usize>elementBytes
      for (let j = 0; j < count; j++) {
        w = f64x2.add(w, pair(column, elementBytes))
        column += stride
      }
      norm = f64x2.add(norm, f64x2.mul(w, w))
    }
    store<f64>(slot, f64x2.extract_lane(norm, 0) + f64x2.extract_lane(norm, 1), 8)
    for (let j = 0; j < count; j++) {
      let a = f64x2.splat(0)
      let b = f64x2.splat(0)
      let column = x + <usize>j * stride + first * <usize>elementBytes
      for (let r = 0; r < TILE; r += 4) {
        const u = pair(column, elementBytes)
        const v = pair(column + 2 * elementBytes, elementBytes)
        a = f64x2.add(a, f64x2.mul(u, u))
        b = f64x2.add(b, f64x2.mul(v, v))
        column += 4 * elementBytes
      }
      a = f64x2.add(a, b)
      store<f64>(slot + ((<usize>j) << 3), f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1), 16)
    }
    depth = treePush(stack, depth, width, index + tile, from)
  }
  return depth
}
