// 128 rows of M = [B Y] in f32: B is what the earlier blocks left, Y is what this block's positions add. `../cmd.ts` states the formulas.
//
// Columns of the panel: B, Y, zeros up to a multiple of three, then room for the rows' moments after the block, f64, and for Y of four
// rows. Rows whose E is below `LEAST` are zero in M. Everything is computed in f64; only the entries of M are rounded to f32.
import { COLUMN, PITCH } from './panel-single'
import { TILE, wide } from './simd'

/** Offsets of a tile's parts: the counter of changes, then mode, mean and E of each row, then the columns of B. */
export const MODE: usize = 16
export const MEAN: usize = MODE + TILE
export const ENERGY: usize = MEAN + (TILE << 3)
export const FACTOR: usize = ENERGY + (TILE << 3)

/** Smaller squares count as zero, because their products would be 0. No upper limit is needed: the engine takes no value beyond 2^100. */
const LEAST: f64 = 1e-280

/** The columns of a block, and the positions before it. */
export type Columns<T> = T

/**
 * Which of a block's first `count` columns are looked at (`taken` of them), and what the moments need: `roots` has v^1/2 for each column, 0
 * for one that is not looked at; `fresh` is set before the very first column; `fraction` is 1 / (N + V).
 */
export type Looked<T> = T

/** Bytes of the rows' means, and of their E. */
export const MOMENTS: usize = 2 * PITCH

/** Address of the moments of a panel of k columns: means, then E. @inline */
export function momentsOf(panel: usize, k: i32): usize {
  return panel + <usize>((k + 2) / 3) * (3 * PITCH)
}

/** Two elements at `p` and the two after them, as f64. @inline */
function low<T>(p: usize): v128 {
  return sizeof<T>() === 8 ? v128.load(p) : wide(p)
}

/** @inline */
function high<T>(p: usize): v128 {
  return sizeof<T>() === 8 ? v128.load(p, 16) : wide(p + 8)
}

/** Four f64 rounded to f32. @inline */
function rounded(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2)
}

/** Tells which of two rows have an E that is not below `LEAST`. @inline */
function living(square: v128): v128 {
  return f64x2.ge(square, f64x2.splat(LEAST))
}

/** @inline */
function fillOf<T>(
  tile: usize,
  kept: i32,
  x: usize,
  stride: usize,
  positionHigh: usize,
  positionLow: usize,
  count: i32,
  taken: i32,
  roots: usize,
  kappa: f64,
  fade: f64,
  fresh: bool,
  fraction: f64,
  row: usize,
  panel: usize
): void {
  const y = panel + <usize>kept * PITCH
  const moments = momentsOf(panel, kept + taken)
  const four = moments + 2 * MOMENTS
  const last = roots + ((<usize>count) << 3)
  const phi = f64x2.splat(fade)
  const share = f64x2.splat(fraction)
  x += row * sizeof<T>()
  for (let r: usize = 0; r < MOMENTS; r += 32) {
    const at = (row << 2) + (r >> 1)
    const own = tile + (row << 3) + r
    let u0 = f64x2.add(wide(positionHigh + at), wide(positionLow + at))
    let u1 = f64x2.add(wide(positionHigh + at + 8), wide(positionLow + at + 8))
    let origin0 = v128.load(own, MEAN)
    let origin1 = v128.load(own, MEAN + 16)
    let sum0 = f64x2.splat(0)
    let sum1 = sum0
    let p = x + (r >> 3) * sizeof<T>()
    let z = four
    for (let q = roots; q < last; q += 8) {
      u0 = f64x2.add(u0, low<T>(p))
      u1 = f64x2.add(u1, high<T>(p))
      p += stride
      if (load<f64>(q) === 0) continue
      if (fresh && z === four) {
        origin0 = u0
        origin1 = u1
      }
      const root = v128.load64_splat(q)
      const z0 = f64x2.mul(root, f64x2.sub(u0, origin0))
      const z1 = f64x2.mul(root, f64x2.sub(u1, origin1))
      v128.store(z, z0)
      v128.store(z, z1, 16)
      sum0 = f64x2.add(sum0, f64x2.mul(root, z0))
      sum1 = f64x2.add(sum1, f64x2.mul(root, z1))
      z += 32
    }
    const shift0 = f64x2.mul(f64x2.splat(kappa), sum0)
    const shift1 = f64x2.mul(f64x2.splat(kappa), sum1)
    const old0 = f64x2.mul(phi, v128.load(own, ENERGY))
    const old1 = f64x2.mul(phi, v128.load(own, ENERGY + 16))
    let square0 = old0
    let square1 = old1
    z = four
    for (let q = roots; q < last; q += 8) {
      if (load<f64>(q) === 0) continue
      const root = v128.load64_splat(q)
      const y0 = f64x2.sub(v128.load(z), f64x2.mul(root, shift0))
      const y1 = f64x2.sub(v128.load(z, 16), f64x2.mul(root, shift1))
      v128.store(z, y0)
      v128.store(z, y1, 16)
      square0 = f64x2.add(square0, f64x2.mul(y0, y0))
      square1 = f64x2.add(square1, f64x2.mul(y1, y1))
      z += 32
    }
    const alive0 = living(square0)
    const alive1 = living(square1)
    const alive = v128.shuffle<i32>(alive0, alive1, 0, 2, 4, 6)
    const scale0 = f64x2.div(f64x2.splat(1), f64x2.sqrt(square0))
    const scale1 = f64x2.div(f64x2.splat(1), f64x2.sqrt(square1))
    let column = y + (r >> 1)
    for (let y4 = four; y4 < z; y4 += 32) {
      const y0 = f64x2.mul(v128.load(y4), scale0)
      const y1 = f64x2.mul(v128.load(y4, 16), scale1)
      v128.store(column, v128.and(alive, rounded(y0, y1)))
      column += PITCH
    }
    const fading = rounded(f64x2.mul(f64x2.sqrt(old0), scale0), f64x2.mul(f64x2.sqrt(old1), scale1))
    const old = v128.and(alive, fading)
    let b = tile + FACTOR + at
    for (let c = panel + (r >> 1); c < y; c += PITCH) {
      v128.store(c, f32x4.mul(v128.load(b), old))
      b += COLUMN
    }
    v128.store(moments + r, f64x2.add(origin0, f64x2.mul(share, sum0)))
    v128.store(moments + r, f64x2.add(origin1, f64x2.mul(share, sum1)), 16)
    v128.store(moments + r, v128.and(square0, alive0), MOMENTS)
    v128.store(moments + r, v128.and(square1, alive1), MOMENTS + 16)
  }
}

/**
 * Fills the panel with the 128 rows of a tile that begin at row `row` of it: `kept` columns of B, then `taken` columns of Y, and the
 * moments.
 */
export function fill(
  tile: usize,
  kept: i32,
  x: usize,
  stride: usize,
  elementBytes: i32,
  high: usize,
  low: usize,
  count: i32,
  taken: i32,
  roots: usize,
  kappa: f64,
  fade: f64,
  fresh: bool,
  fraction: f64,
  row: usize,
  panel: usize
): void {
  if (elementBytes === 8)
    fillOf<f64>(
      tile,
      kept,
      x,
      stride,
      high,
      low,
      count,
      taken,
      roots,
      kappa,
      fade,
      fresh,
      fraction,
      row,
      panel
    )
  else
    fillOf<f32>(
      tile,
      kept,
      x,
      stride,
      high,
      low,
      count,
      taken,
      roots,
      kappa,
      fade,
      fresh,
      fraction,
      row,
      panel
    )
}
