// Correlation modes: a factor of the centred positions of every weight, and the figures that are read from it, in tiles of 256 rows.
//
// The kernels keep three things for weight i, whose looked-at positions u_j have weights v_j that fade by phi: the mean, E_i = sum v
// (u - mean)², and b_i, a row of B. The product <b_i, b_m> is the correlation of i and m, up to what B leaves out. Each row is scaled by
// its own E, so that weights of any size neither overflow nor underflow.
//
// A block adds V = sum v_j to N, which is phi times the earlier weights. Let z_j = u_j - mean (the very first position serves as the first
// mean). The block adds
//   y_j = v_j^1/2 (z_j - kappa sum v z),   kappa = (1 - (N / (N + V))^1/2) / V
//   E' = phi E + sum y_j²,   mean' = mean + sum v z / (N + V)
// because the centred block and the shift of the mean, N V / (N + V) (sum v z / V)², are sums of squares of y. With M = [(phi E / E')^1/2
// B, y / E'^1/2], K columns, `cmd_gram` forms MᵀM over all rows, and `cmd_turn` sets B <- M R, the columns that the largest eigenvalues of
// MᵀM choose. Values to be squared are measured from the mean, in f64. M, R and products are f32; sums over more than 32 rows are f64.
//
// Tile of state: u32 changes of mode so far and 12 unused bytes; u8[256] mode, counted from 1, 0 for none; f64[256] mean and E; then B,
// f32[columns][256]. E is 0 for a row that stands still.
// Scratch: the tree's stack, or R; and one panel of 512 (K + 6) + 32 n bytes.
import {
  Columns,
  ENERGY,
  FACTOR,
  fill,
  Looked,
  MEAN,
  MODE,
  MOMENTS,
  momentsOf,
} from './lib/cmd-panel'
import { addSingle, COLUMN, padSingle, SINGLE_ROWS, turnSingle } from './lib/panel-single'
import { TILE } from './lib/simd'
import { Sums, treePush, treeSlot } from './lib/tree'

export { cmd_draw } from './lib/cmd-chance'
export { cmd_best, cmd_likeness, cmd_totals } from './lib/cmd-cover'

/** Consecutive tiles of state: the address of the first one, their number, and the bytes from one to the next. */
export type Tiles<T> = T

/**
 * Puts the Gram matrix of M of some tiles into the tile tree, starting at tile `index`. Width 3 + K (K + 1) / 2: status, sum E', number of
 * rows that have moved, then the upper triangle by rows. Returns the tree's new depth.
 */
export function cmd_gram(
  first: Tiles<usize>,
  length: Tiles<i32>,
  pitch: Tiles<usize>,
  kept: i32,
  x: Columns<usize>,
  stride: Columns<usize>,
  elementBytes: Columns<i32>,
  high: Columns<usize>,
  low: Columns<usize>,
  count: Looked<i32>,
  taken: Looked<i32>,
  roots: Looked<usize>,
  kappa: Looked<f64>,
  fade: Looked<f64>,
  fresh: Looked<bool>,
  fraction: Looked<f64>,
  index: u32,
  from: Sums<u32>,
  stack: Sums<usize>,
  depth: Sums<i32>,
  panel: usize
): i32 {
  const k = kept + taken
  const width = 3 + ((k * (k + 1)) >> 1)
  padSingle(panel, k)
  const moments = momentsOf(panel, k)
  for (let t = 0; t < length; t++) {
    const slot = treeSlot(stack, depth, width)
    memory.fill(slot, 0, (<usize>width) << 3)
    for (let row: usize = 0; row < <usize>TILE; row += SINGLE_ROWS) {
      fill(
        first,
        kept,
        x,
        stride,
        elementBytes,
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
      addMoving(moments + MOMENTS, slot + 8)
      addSingle(panel, 0, k, slot + 24)
    }
    depth = treePush(stack, depth, width, index + t, from)
    first += pitch
    x += TILE * elementBytes
    high += TILE << 2
    low += TILE << 2
  }
  return depth
}

/** Adds the rows of a panel that have moved: the sum of their E', and their number. */
function addMoving(squares: usize, sums: usize): void {
  let energies = load<f64>(sums)
  let moving = load<f64>(sums, 8)
  for (const end = squares + MOMENTS; squares < end; squares += 8) {
    const energy = load<f64>(squares)
    if (!(energy > 0)) continue
    energies += energy
    moving += 1
  }
  store<f64>(sums, energies)
  store<f64>(sums, moving, 8)
}

/**
 * Moves tiles past the block: mean, E and B, turned by R (K rows of `turned` f32, a multiple of four). For each tile, writes the sum of E
 * and the number of rows that have moved, f64 each, to `moved`.
 */
export function cmd_turn(
  first: Tiles<usize>,
  length: Tiles<i32>,
  pitch: Tiles<usize>,
  kept: i32,
  x: Columns<usize>,
  stride: Columns<usize>,
  elementBytes: Columns<i32>,
  high: Columns<usize>,
  low: Columns<usize>,
  count: Looked<i32>,
  taken: Looked<i32>,
  roots: Looked<usize>,
  kappa: Looked<f64>,
  fade: Looked<f64>,
  fresh: Looked<bool>,
  fraction: Looked<f64>,
  r: usize,
  turned: i32,
  panel: usize,
  moved: usize
): void {
  const k = kept + taken
  const moments = momentsOf(panel, k)
  for (let t = 0; t < length; t++) {
    store<f64>(moved, 0)
    store<f64>(moved, 0, 8)
    for (let row: usize = 0; row < <usize>TILE; row += SINGLE_ROWS) {
      fill(
        first,
        kept,
        x,
        stride,
        elementBytes,
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
      addMoving(moments + MOMENTS, moved)
      memory.copy(first + MEAN + (row << 3), moments, MOMENTS)
      memory.copy(first + ENERGY + (row << 3), moments + MOMENTS, MOMENTS)
      turnSingle(panel, k, r, turned, first + FACTOR + (row << 2))
    }
    moved += 16
    first += pitch
    x += TILE * elementBytes
    high += TILE << 2
    low += TILE << 2
  }
}

/** Finds the best reference for each of four rows of B. Writes to `found` the best |corr|, then |b|², then the mode. @inline */
function find(b: usize, kept: i32, references: usize, modes: i32, found: usize): void {
  let held = f32x4.splat(0)
  for (let p = b, end = b + <usize>kept * COLUMN; p < end; p += COLUMN) {
    held = f32x4.add(held, f32x4.mul(v128.load(p), v128.load(p)))
  }
  let best = f32x4.splat(0)
  let mode = i32x4.splat(0)
  let reference = references
  for (let m = 1; m <= modes; m++) {
    let corr = f32x4.splat(0)
    let p = b
    for (const end = reference + ((<usize>kept) << 2); reference < end; reference += 4) {
      corr = f32x4.add(corr, f32x4.mul(v128.load(p), v128.load32_splat(reference)))
      p += COLUMN
    }
    corr = f32x4.abs(corr)
    const more = f32x4.gt(corr, best)
    best = v128.bitselect(corr, best, more)
    mode = v128.bitselect(i32x4.splat(m), mode, more)
  }
  v128.store(found, f32x4.min(best, f32x4.splat(1)))
  v128.store(found, held, 16)
  v128.store(found, mode, 32)
}

/** Adds the findings for a row (best |corr|, |b|² and mode) to the sums and counts, and writes its mode into the tile. @inline */
function account(
  tile: usize,
  r: usize,
  found: usize,
  modes: i32,
  slot: usize,
  counts: usize
): void {
  const best = <f64>load<f32>(found)
  const energy = load<f64>(tile + (r << 3), ENERGY)
  const moves = energy > 0
  const before = <i32>load<u8>(tile + r, MODE)
  const now = moves ? load<i32>(found, 32) : 0
  store<u8>(tile + r, now, MODE)
  if (before !== 0 && now !== 0 && before !== now) store<u32>(tile, load<u32>(tile) + 1)
  const group = counts + ((<usize>(now !== 0 ? now - 1 : moves ? modes : modes + 1)) << 2)
  store<u32>(group, load<u32>(group) + 1)
  if (!moves) return
  store<f64>(slot, load<f64>(slot, 8) + energy, 8)
  store<f64>(slot, load<f64>(slot, 16) + energy * (1 - best * best), 16)
  store<f64>(slot, load<f64>(slot, 24) + energy * max<f64>(0, 1 - <f64>load<f32>(found, 16)), 24)
  if (now === 0) return
  const sum = slot + 32 + ((<usize>now) << 3)
  store<f64>(sum, load<f64>(sum) + best)
}

/**
 * Gives each row the mode whose reference it correlates with most, the first one if several are equal. `references`: `kept` f32 for each
 * mode. Sums in the tile tree, width 5 + modes: status, sum E, sum of the residual E (1 - corr²), sum of the E that B leaves out, changes
 * of mode so far, and sum |corr| for each mode. Adds to `counts`, u32: rows of each mode, rows that have moved and correlate with no
 * reference, rows that have not moved. Returns the tree's new depth. Scratch: 48 bytes.
 */
export function cmd_assign(
  first: Tiles<usize>,
  length: Tiles<i32>,
  pitch: Tiles<usize>,
  kept: i32,
  references: usize,
  modes: i32,
  counts: usize,
  index: u32,
  from: Sums<u32>,
  stack: Sums<usize>,
  depth: Sums<i32>,
  scratch: usize
): i32 {
  const width = 5 + modes
  for (let t = 0; t < length; t++) {
    const slot = treeSlot(stack, depth, width)
    memory.fill(slot, 0, (<usize>width) << 3)
    for (let r: usize = 0; r < <usize>TILE; r += 4) {
      find(first + FACTOR + (r << 2), kept, references, modes, scratch)
      for (let i: usize = 0; i < 4; i++) {
        account(first, r + i, scratch + (i << 2), modes, slot, counts)
      }
    }
    store<f64>(slot, load<u32>(first), 32)
    depth = treePush(stack, depth, width, index + t, from)
    first += pitch
  }
  return depth
}
