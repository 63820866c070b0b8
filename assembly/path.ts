// Sketches of positions, or of any f32 rows, and their products.
//
// A sketch is a count sketch (Charikar, Chen and Farach-Colton 2002) of whole tiles. Tile k, with a random sign for each row, is added to
// 256 successive ones of m = 65,536 slots, starting at slot mix(~seed ^ mix(k)) mod m. Row i of 128 rows has the sign of bit 31 - i / 4 of
// word i mod 4, mix(seed ^ mix(4 run + i mod 4)). If there are at most m rows, each row is its own slot. Rows are scaled and rounded to
// integers of at most 2^30, so that their sums are exact in f64 in any order: a sketch has the same bits for any number of shards. The last
// 256 slots lie past slot m; their sums belong to the first ones.
//
// Scratch: the slots, 8 (m + 256) bytes, zeroed by the caller; the tree's stack. State: sketches of m f32, one after another.

import { mix, mix4 } from './lib/normal'
import { pair, sum64, TILE, wide } from './lib/simd'
import { Sums, treePush, treeSlot } from './lib/tree'

/**
 * Puts the sums of each tile into the tree, `width` numbers: status (left 0) and, in slot 1 + `layer`, the sum of squares of the column
 * `x`; no squares if `x` is 0. Returns the tree's new depth.
 */
export function path_squares(
  x: usize,
  elementBytes: i32,
  layer: i32,
  width: i32,
  tiles: i32,
  index: u32,
  from: Sums<u32>,
  stack: Sums<usize>,
  depth: Sums<i32>
): i32 {
  for (let t = 0; t < tiles; t++) {
    const slot = treeSlot(stack, depth, width)
    // memory.fill would call out of WebAssembly, which takes as long as a fifth of the tile.
    for (let p = slot, end = slot + ((<usize>width) << 3); p < end; p += 8) store<f64>(p, 0)
    if (x !== 0) {
      const squares = elementBytes === 8 ? squaresOf<f64>(x) : squaresOf<f32>(x)
      store<f64>(slot + ((<usize>(1 + layer)) << 3), squares)
      x += <usize>(TILE * elementBytes)
    }
    depth = treePush(stack, depth, width, index + t, from)
  }
  return depth
}

/** Sum of squares of a tile, on four pairs of lanes: with two, each addition would wait for the one before. @inline */
function squaresOf<T>(x: usize): f64 {
  let a = f64x2.splat(0),
    b = a,
    c = a,
    d = a
  for (const end = x + <usize>TILE * sizeof<T>(); x < end; x += 8 * sizeof<T>()) {
    a = f64x2.add(a, square<T>(x))
    b = f64x2.add(b, square<T>(x + 2 * sizeof<T>()))
    c = f64x2.add(c, square<T>(x + 4 * sizeof<T>()))
    d = f64x2.add(d, square<T>(x + 6 * sizeof<T>()))
  }
  return sum64(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)))
}

/** Squares of two elements. @inline */
function square<T>(x: usize): v128 {
  const two = pair<T>(x)
  return f64x2.mul(two, two)
}

/**
 * Adds `tiles` tiles to the slots, starting at tile `index` of the scope; `folded` tells whether there are more rows than slots. Returns
 * the largest magnitude of a row, which tells whether `scale` was right.
 */
export function path_fold(
  x: usize,
  scale: f32,
  slots: usize,
  folded: bool,
  seed: u32,
  tiles: i32,
  index: u32
): f64 {
  const factor = f32x4.splat(scale)
  let largest = f32x4.splat(0)
  for (const last = index + tiles; index < last; index++) {
    const first = folded ? mix(~seed ^ mix(index)) & 0xffff : index * TILE
    let slot = slots + ((<usize>first) << 3)
    for (let run = 2 * index; run < 2 * index + 2; run++) {
      const words = i32x4.add(i32x4.splat(run << 2), i32x4(0, 1, 2, 3))
      let signs = folded ? mix4(v128.xor(i32x4.splat(seed), mix4(words))) : i32x4.splat(0)
      for (let i = 0; i < 32; i++) {
        const rows = v128.load(x)
        // Magnitudes are ordered like their bits as integers, and comparing these takes less waiting.
        largest = i32x4.max_u(largest, v128.and(rows, i32x4.splat(0x7fffffff)))
        const flip = v128.and(signs, i32x4.splat(0x80000000))
        const whole = f32x4.nearest(f32x4.mul(v128.xor(rows, flip), factor))
        const low = f64x2.promote_low_f32x4(whole)
        const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(whole, whole, 1, 1))
        v128.store(slot, f64x2.add(v128.load(slot), low))
        v128.store(slot, f64x2.add(v128.load(slot, 16), high), 16)
        signs = i32x4.shl(signs, 1)
        x += 16
        slot += 32
      }
    }
  }
  const one = max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1))
  const other = max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3))
  return <f64>max(one, other)
}

/**
 * Writes the products of a sketch with `count` others, `length` f32 each (a multiple of 4), one after another, to `out` as f64. It takes
 * two at a time, so that the sums of one need not wait for those of the other.
 */
export function path_products(
  sketch: usize,
  others: usize,
  count: i32,
  length: i32,
  out: usize
): void {
  const bytes = (<usize>length) << 2
  for (; count > 0; count -= 2, out += 16, others += 2 * bytes) {
    // The last one of an odd number is paired with itself.
    const second = count > 1 ? bytes : 0
    let a = f64x2.splat(0),
      b = a,
      c = a,
      d = a
    for (let i: usize = 0, other = others; i < bytes; i += 16, other += 16) {
      const low = wide(sketch + i)
      const high = wide(sketch + i + 8)
      a = f64x2.add(a, f64x2.mul(low, wide(other)))
      b = f64x2.add(b, f64x2.mul(high, wide(other + 8)))
      c = f64x2.add(c, f64x2.mul(low, wide(other + second)))
      d = f64x2.add(d, f64x2.mul(high, wide(other + second + 8)))
    }
    store<f64>(out, sum64(f64x2.add(a, b)))
    if (second) store<f64>(out, sum64(f64x2.add(c, d)), 8)
  }
}
