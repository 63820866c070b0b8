// S <- M_S + M_R C: represents the kept subspace by the nearest columns of M = [S X] instead of a whole rotation, for f32 columns and
// storage.
//
// `plan` lists, in i32, the column of M from which each of the `kept` columns of S starts, then the `rest` columns of M that are
// eliminated. `c` is C, rest x kept by rows, in f64, or in f32 if products are in f32. `kept` is a multiple of four. A column of S that
// stays is listed at its own place, and every other one comes from the `kept`-th place or beyond. So S is written in place, while the
// eliminated columns (64 rows of them in f64, or 128 in f32) lie in a panel.
// An element is summed in f64 and rounded once to f32. With products in f32 its error is at most (rest + 2) 2^-24 (|m_s| + Σ|m_r c|), the
// rounding of C included. Scratch: C and the plan, and one panel of 512 `rest` bytes.
import { copyIn, PITCH } from './panel'
import { fourSingle, SINGLE_ROWS } from './panel-single'
import { TILE } from './simd'
import { four } from './svd-four'
import { M, PANEL_ROWS, widen } from './svd-panel'

/** Address of column j of S, starting at a row. @inline */
function placeAt(b: usize, room: i32, row: i32, j: i32): usize {
  const inTile = row & (TILE - 1)
  return b + ((<usize>((row - inTile) * room + j * TILE + inTile)) << 2)
}

/** Address of column i of M, starting at a row. @inline */
function columnAt(b: usize, room: i32, l: i32, x: usize, stride: usize, row: i32, i: i32): usize {
  if (i < l) return placeAt(b, room, row, i)
  return x + <usize>(i - l) * stride + ((<usize>row) << 2)
}

/** S <- M_S + M_R C in place, summed in f64. */
export function svd_eliminate(
  b: M<usize>,
  room: M<i32>,
  l: M<i32>,
  x: M<usize>,
  stride: M<usize>,
  tiles: i32,
  plan: usize,
  kept: i32,
  rest: i32,
  c: usize,
  panel: usize
): void {
  const pitch = (<usize>kept) << 3
  for (let row = 0; row < tiles * TILE; row += PANEL_ROWS) {
    for (let i = 0; i < rest; i++) {
      const from = load<i32>(plan + ((<usize>(kept + i)) << 2))
      widen(columnAt(b, room, l, x, stride, row, from), 4, panel + <usize>i * PITCH)
    }
    for (let j = 0; j < kept; j += 4) {
      const at = plan + ((<usize>j) << 2)
      const p0 = columnAt(b, room, l, x, stride, row, load<i32>(at))
      const p1 = columnAt(b, room, l, x, stride, row, load<i32>(at, 4))
      const p2 = columnAt(b, room, l, x, stride, row, load<i32>(at, 8))
      const p3 = columnAt(b, room, l, x, stride, row, load<i32>(at, 12))
      const out = placeAt(b, room, row, j)
      const factors = c + ((<usize>j) << 3)
      for (let i: usize = 0; i < (<usize>PANEL_ROWS) << 2; i += 16) {
        const from = panel + 2 * i
        four(true, p0 + i, p1 + i, p2 + i, p3 + i, from, factors, pitch, rest, out + i, 4)
      }
    }
  }
}

/** `svd_eliminate` with products in f32; C is f32. */
export function svd_eliminate_single(
  b: M<usize>,
  room: M<i32>,
  l: M<i32>,
  x: M<usize>,
  stride: M<usize>,
  tiles: i32,
  plan: usize,
  kept: i32,
  rest: i32,
  c: usize,
  panel: usize
): void {
  const pitch = (<usize>kept) << 2
  for (let row = 0; row < tiles * TILE; row += SINGLE_ROWS) {
    for (let i = 0; i < rest; i++) {
      const from = load<i32>(plan + ((<usize>(kept + i)) << 2))
      copyIn(columnAt(b, room, l, x, stride, row, from), panel + <usize>i * PITCH)
    }
    for (let j = 0; j < kept; j += 4) {
      const at = plan + ((<usize>j) << 2)
      const p0 = columnAt(b, room, l, x, stride, row, load<i32>(at))
      const p1 = columnAt(b, room, l, x, stride, row, load<i32>(at, 4))
      const p2 = columnAt(b, room, l, x, stride, row, load<i32>(at, 8))
      const p3 = columnAt(b, room, l, x, stride, row, load<i32>(at, 12))
      const out = placeAt(b, room, row, j)
      const factors = c + ((<usize>j) << 2)
      for (let i: usize = 0; i < PITCH; i += 32) {
        const from = panel + i
        fourSingle(true, p0 + i, p1 + i, p2 + i, p3 + i, from, factors, pitch, rest, out + i)
      }
    }
  }
}
