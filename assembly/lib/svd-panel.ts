// M = [B X q] in panels of 64 rows in f64, and the running mean from which q is formed; `../svd.ts` defines M.
import { copyIn, PITCH } from './panel'
import { element, TILE } from './simd'

export const PANEL_ROWS: i32 = 64

/** The parts of M = [B X q]. */
export type M<T> = T

/** Row i of q: mean - (high + low) - X u. @inline */
function centred(
  x: usize,
  stride: usize,
  elementBytes: i32,
  n: i32,
  mean: usize,
  high: usize,
  low: usize,
  u: usize,
  i: usize
): f64 {
  let q = element(mean, i, 8) - element(high, i, 4) - element(low, i, 4)
  for (let j: usize = 0; j < <usize>n; j++) {
    q -= element(u, j, 8) * element(x + j * stride, i, elementBytes)
  }
  return q
}

/** Widens 64 elements into the panel. @inline */
export function widen(source: usize, bytes: i32, panel: usize): void {
  if (bytes === 8) {
    copyIn(source, panel)
    return
  }
  for (let i: usize = 0; i < <usize>PANEL_ROWS; i += 4) {
    const v = v128.load(source + (i << 2))
    v128.store(panel + (i << 3), f64x2.promote_low_f32x4(v))
    v128.store(
      panel + (i << 3),
      f64x2.promote_low_f32x4(
        i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
      ),
      16
    )
  }
}

/** Fills the panel with 64 rows of M, starting `row` rows after the segment's first row. @inline */
export function fill(
  b: usize,
  storageBytes: i32,
  room: i32,
  l: i32,
  x: usize,
  stride: usize,
  elementBytes: i32,
  n: i32,
  mean: usize,
  high: usize,
  low: usize,
  u: usize,
  row: i32,
  panel: usize
): void {
  const inTile = row & (TILE - 1)
  const tile = row - inTile
  for (let i = 0; i < l; i++) {
    widen(
      b + <usize>(tile * room + i * TILE + inTile) * storageBytes,
      storageBytes,
      panel + <usize>i * PITCH
    )
  }
  for (let j = 0; j < n; j++) {
    widen(
      x + <usize>j * stride + <usize>row * elementBytes,
      elementBytes,
      panel + <usize>(l + j) * PITCH
    )
  }
  if (mean !== 0) {
    const q = panel + <usize>(l + n) * PITCH
    for (let i = 0; i < PANEL_ROWS; i++) {
      const value = centred(x, stride, elementBytes, n, mean, high, low, u, <usize>(row + i))
      store<f64>(q + ((<usize>i) << 3), value)
    }
  }
}

/** mean <- mean - w q: moves the running mean of the positions towards the block's mean by the weight w. */
export function svd_mean(
  x: M<usize>,
  stride: M<usize>,
  elementBytes: M<i32>,
  n: M<i32>,
  mean: M<usize>,
  high: M<usize>,
  low: M<usize>,
  u: M<usize>,
  rows: i32,
  w: f64
): void {
  for (let i: usize = 0; i < <usize>rows; i++) {
    const p = mean + (i << 3)
    store<f64>(p, load<f64>(p) - w * centred(x, stride, elementBytes, n, mean, high, low, u, i))
  }
}
