// The passes of `../svd.ts` with products in f32, for `fast`: f32 columns and storage, without q, in panels of `panel-single.ts`.
//
// The error of C is at most 34 2^-24 Σ|m_i m_j|. The error of an element of B <- M R, with R in f32, is at most (K + 1) 2^-24 Σ|m_j r_ji|.
// Scratch: the tree's stack, or R; and one panel of 512 (K + 2) bytes.
import { copyIn, entries } from './panel'
import { addSingle, PITCH, padSingle, SINGLE_ROWS, turnSingle } from './panel-single'
import { TILE } from './simd'
import { M } from './svd-panel'
import { Sums, treePush, treeSlot } from './tree'

/** Fills the panel with 128 rows of M in f32. @inline */
function fillSingle(
  b: usize,
  room: i32,
  l: i32,
  x: usize,
  stride: usize,
  n: i32,
  row: i32,
  panel: usize
): void {
  const inTile = row & (TILE - 1)
  const tile = row - inTile
  for (let i = 0; i < l; i++) {
    copyIn(b + ((<usize>(tile * room + i * TILE + inTile)) << 2), panel)
    panel += PITCH
  }
  for (let j = 0; j < n; j++) {
    copyIn(x + <usize>j * stride + ((<usize>row) << 2), panel)
    panel += PITCH
  }
}

/** `svd_gram` with products in f32. */
export function svd_gram_single(
  b: M<usize>,
  room: M<i32>,
  l: M<i32>,
  x: M<usize>,
  stride: M<usize>,
  n: M<i32>,
  known: i32,
  tiles: i32,
  index: u32,
  from: Sums<u32>,
  stack: Sums<usize>,
  depth: Sums<i32>,
  panel: usize
): i32 {
  const k = l + n
  const width = 1 + entries(known, k)
  padSingle(panel, k)
  for (let tile = 0; tile < tiles; tile++) {
    const slot = treeSlot(stack, depth, width)
    memory.fill(slot, 0, (<usize>width) << 3)
    for (let r = 0; r < TILE; r += SINGLE_ROWS) {
      fillSingle(b, room, l, x, stride, n, tile * TILE + r, panel)
      addSingle(panel, known, k, slot + 8)
    }
    depth = treePush(stack, depth, width, index + tile, from)
  }
  return depth
}

/** `svd_rotate` in place with products in f32; R is f32. */
export function svd_rotate_single(
  b: M<usize>,
  room: M<i32>,
  l: M<i32>,
  x: M<usize>,
  stride: M<usize>,
  n: M<i32>,
  tiles: i32,
  r: usize,
  kept: i32,
  panel: usize
): void {
  for (let row = 0; row < tiles * TILE; row += SINGLE_ROWS) {
    fillSingle(b, room, l, x, stride, n, row, panel)
    const inTile = row & (TILE - 1)
    turnSingle(panel, l + n, r, kept, b + ((<usize>((row - inTile) * room + inTile)) << 2))
  }
}
