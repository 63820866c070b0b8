// The null: a Gaussian walk with the variances of the rows themselves, tile by tile. Scratch: a tile's roots, after its sums.
import { cosine4, mix, mix4, radius4 } from './normal'
import { pair, sum64, TILE, wide } from './simd'

/** Adds each row's squares to its energy, and sums the squares of each column; writes the roots of the energies to `roots`. @inline */
function energies<T>(
  x: usize,
  stride: usize,
  count: i32,
  energy: usize,
  commit: bool,
  roots: usize,
  slot: usize
): void {
  memory.copy(roots, energy, TILE << 3)
  for (let j = 0; j < count; j++) {
    let a = f64x2.splat(0)
    let b = a
    let column = x
    for (let v = roots; v < roots + (TILE << 3); v += 32) {
      const u = pair<T>(column)
      const w = pair<T>(column + 2 * sizeof<T>())
      const uu = f64x2.mul(u, u)
      const ww = f64x2.mul(w, w)
      a = f64x2.add(a, uu)
      b = f64x2.add(b, ww)
      v128.store(v, f64x2.add(v128.load(v), uu))
      v128.store(v, f64x2.add(v128.load(v, 16), ww), 16)
      column += 4 * sizeof<T>()
    }
    store<f64>(slot + ((<usize>j) << 4), sum64(f64x2.add(a, b)))
    x += stride
  }
  if (commit) memory.copy(energy, roots, TILE << 3)
  for (let v = roots; v < roots + (TILE << 3); v += 16) v128.store(v, f64x2.sqrt(v128.load(v)))
}

/** Writes two normal numbers times two roots to `p`, as f32; returns their squares. @inline */
function draw(normals: v128, roots: usize, p: usize): v128 {
  const drawn = f32x4.demote_f64x2_zero(
    f64x2.mul(f64x2.promote_low_f32x4(normals), v128.load(roots))
  )
  v128.store64_lane(p, drawn, 0)
  const stored = f64x2.promote_low_f32x4(drawn)
  return f64x2.mul(stored, stored)
}

/**
 * One tile of the null: a Gaussian walk with each row's own step variance, not yet scaled to the norms of the steps. Row i, step j is g_ij
 * sqrt(v_i): g comes by Box-Muller over pairs of rows, and v_i is the sum of squares of the row's steps up to the end of this block (kept
 * in `energy` if `commit`). Fills the tile's sums: status, then ‖x_j‖² and ‖null_j‖² for each column. Scratch after these: the rows' roots.
 */
export function null_tile(
  x: usize,
  stride: usize,
  count: i32,
  elementBytes: i32,
  energy: usize,
  commit: bool,
  out: usize,
  outStride: usize,
  seed: u32,
  tile: u32,
  step: u32,
  slot: usize
): void {
  store<f64>(slot, 0)
  const roots = slot + 8 * (1 + 2 * count)
  if (elementBytes === 8) energies<f64>(x, stride, count, energy, commit, roots, slot + 8)
  else energies<f32>(x, stride, count, energy, commit, roots, slot + 8)
  for (let j = 0; j < count; j++) {
    // The number of a row can exceed 32 bits: the upper bits are in the key.
    const key = i32x4.splat(mix(seed ^ mix(step + j)) ^ (tile >> 24))
    let row = i32x4.add(i32x4.splat(tile * TILE), i32x4(0, 2, 4, 6))
    let norm = f64x2.splat(0)
    let root = roots
    for (let p = out; p < out + (TILE << 2); p += 32) {
      const h = mix4(v128.xor(key, mix4(row)))
      const radius = radius4(h)
      const angle = mix4(v128.xor(h, i32x4.splat(0x9e3779b9)))
      const a = f32x4.mul(radius, cosine4(angle))
      const b = f32x4.mul(radius, cosine4(i32x4.sub(angle, i32x4.splat(0x40000000))))
      const first = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
      const second = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
      norm = f64x2.add(norm, draw(first, root, p))
      norm = f64x2.add(norm, draw(v128.shuffle<i64>(first, first, 1, 1), root + 16, p + 8))
      norm = f64x2.add(norm, draw(second, root + 32, p + 16))
      norm = f64x2.add(norm, draw(v128.shuffle<i64>(second, second, 1, 1), root + 48, p + 24))
      row = i32x4.add(row, i32x4.splat(8))
      root += 64
    }
    store<f64>(slot + ((<usize>j) << 4), sum64(norm), 16)
    out += outStride
  }
}

/** x <- scale * x over n f32. */
export function scale_f32(x: usize, n: i32, scale: f64): void {
  const factor = f64x2.splat(scale)
  let i = 0
  for (; i <= n - 2; i += 2) {
    v128.store64_lane(x, f32x4.demote_f64x2_zero(f64x2.mul(wide(x), factor)), 0)
    x += 8
  }
  if (i < n) store<f32>(x, <f32>(<f64>load<f32>(x) * scale))
}
