// What a tile's columns add, two columns at a time: squares, products with the next column, positions, and which rows moved.
//
// Scratch of a tile: f64[256] positions; then for each row a word as large as an element, which joins the row's elements by `or`. If the
// row did not move, no bit of the word is set except perhaps the sign.
import { pair, sum64, TILE } from './simd'

/** Offset at which the words begin. */
export const WORDS: usize = TILE << 3

/** @inline */
function add(u: v128, v: v128, sum: v128): v128 {
  return f64x2.add(f64x2.mul(u, v), sum)
}

/** Writes positions high + low, and sets the words to zero. */
export function begin(high: usize, low: usize, scratch: usize): void {
  for (let r: usize = 0; r < <usize>TILE; r += 2) {
    const position = f64x2.add(pair<f32>(high + (r << 2)), pair<f32>(low + (r << 2)))
    v128.store(scratch + (r << 3), position)
  }
  memory.fill(scratch + WORDS, 0, TILE << 3)
}

/** Adds two rows of one or two columns to positions. @inline */
function move(position: usize, u: v128, v: v128, both: bool): void {
  const sum = f64x2.add(v128.load(position), u)
  v128.store(position, both ? f64x2.add(sum, v) : sum)
}

/** Joins the elements of four rows of one or two columns to the rows' words. @inline */
function join<T>(word: usize, p: usize, q: usize, both: bool): void {
  const first = v128.or(v128.load(word), v128.load(p))
  v128.store(word, both ? v128.or(first, v128.load(q)) : first)
  if (sizeof<T>() === 4) return
  const second = v128.or(v128.load(word, 16), v128.load(p, 16))
  v128.store(word, both ? v128.or(second, v128.load(q, 16)) : second, 16)
}

/**
 * Processes two columns of a tile: writes their squares to `squares` and their products with the next column to `products`, f64 each. The
 * second product is left out unless a third column `follows`.
 */
export function two<T>(
  x: usize,
  stride: usize,
  follows: bool,
  scratch: usize,
  squares: usize,
  products: usize
): void {
  const third = follows ? 2 * stride : stride
  let a = f64x2.splat(0)
  let b = a
  let c = a
  let d = a
  let e = a
  let f = a
  let g = a
  let h = a
  let position = scratch
  let word = scratch + WORDS
  for (const end = x + TILE * sizeof<T>(); x < end; x += 4 * sizeof<T>()) {
    const next = x + 2 * sizeof<T>()
    let u = pair<T>(x)
    let v = pair<T>(x + stride)
    let w = pair<T>(x + third)
    a = add(u, u, a)
    c = add(u, v, c)
    e = add(v, v, e)
    g = add(v, w, g)
    move(position, u, v, true)
    u = pair<T>(next)
    v = pair<T>(next + stride)
    w = pair<T>(next + third)
    b = add(u, u, b)
    d = add(u, v, d)
    f = add(v, v, f)
    h = add(v, w, h)
    move(position + 16, u, v, true)
    join<T>(word, x, x + stride, true)
    position += 32
    word += 4 * sizeof<T>()
  }
  store<f64>(squares, sum64(f64x2.add(a, b)))
  store<f64>(squares, sum64(f64x2.add(e, f)), 8)
  store<f64>(products, sum64(f64x2.add(c, d)))
  if (follows) store<f64>(products, sum64(f64x2.add(g, h)), 8)
}

/** Processes the last of an odd number of columns: writes its square to `square`. */
export function one<T>(x: usize, scratch: usize, square: usize): void {
  let a = f64x2.splat(0)
  let b = a
  let position = scratch
  let word = scratch + WORDS
  for (const end = x + TILE * sizeof<T>(); x < end; x += 4 * sizeof<T>()) {
    const u = pair<T>(x)
    const v = pair<T>(x + 2 * sizeof<T>())
    a = add(u, u, a)
    b = add(v, v, b)
    move(position, u, u, false)
    move(position + 16, v, v, false)
    join<T>(word, x, x, false)
    position += 32
    word += 4 * sizeof<T>()
  }
  store<f64>(square, sum64(f64x2.add(a, b)))
}
