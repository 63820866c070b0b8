// Corrects positions and separations by anchors. The sums run per tile in the tile tree. Scratch: only the tree's stack.
import { element, TILE } from './simd'
import { Sums, treePush, treeSlot } from './tree'

/** The addresses of the columns that came since positions and separations were last updated, and the accumulator or 0. */
type Moves<T> = T

/** Sum over the `count` columns whose addresses are in `table`, and over the accumulator if there is one. @inline */
function moved(table: usize, count: i32, row: usize, elementBytes: i32, sum: usize): f64 {
  let total: f64 = sum !== 0 ? load<f64>(sum + (row << 3)) : 0
  for (let j = 0; j < count; j++)
    total += element(load<u32>(table + ((<usize>j) << 2)), row, elementBytes)
  return total
}

/**
 * Corrects positions by an anchor a of member 0. With m the movement since the positions were last updated, the prediction is
 * w0 + high + low + m, and the drift a - prediction is added to the pair. The first anchor (not `known`) sets w0, and then the drift is
 * only the rounding of w0 to f32. Sums per tile: status, ‖drift‖², ‖a‖².
 */
export function anchor_positions(
  anchor: usize,
  anchorBytes: i32,
  known: bool,
  weights: usize,
  high: usize,
  low: usize,
  table: Moves<usize>,
  count: Moves<i32>,
  elementBytes: Moves<i32>,
  sum: Moves<usize>,
  tiles: i32,
  index: u32,
  from: Sums<u32>,
  stack: Sums<usize>,
  depth: Sums<i32>
): i32 {
  let row: usize = 0
  for (let tile = 0; tile < tiles; tile++) {
    let status: f64 = 0
    let drifts: f64 = 0
    let norm: f64 = 0
    for (let r = 0; r < TILE; r++, row++) {
      const a = element(anchor, row, anchorBytes)
      const h = high + (row << 2)
      const l = low + (row << 2)
      const before = <f64>load<f32>(h) + <f64>load<f32>(l)
      const position = before + moved(table, count, row, elementBytes, sum)
      const w = weights + (row << 2)
      if (!known) store<f32>(w, <f32>(a - position))
      const drift = a - <f64>load<f32>(w) - position
      const corrected = before + drift
      const rounded = <f32>corrected
      store<f32>(h, rounded)
      store<f32>(l, <f32>(corrected - <f64>rounded))
      if (!isFinite(a)) status += 1
      drifts += drift * drift
      norm += a * a
    }
    const slot = treeSlot(stack, depth, 3)
    store<f64>(slot, status)
    store<f64>(slot, drifts, 8)
    store<f64>(slot, norm, 16)
    depth = treePush(stack, depth, 3, index + tile, from)
  }
  return depth
}

/**
 * separation <- a_m - a_0, minus what the two members moved apart since the separations were last updated, so that the separation holds for
 * the first column of the block. Sums per tile: status (left 0), ‖change of the separation‖², ‖separation now, as it was known before‖².
 */
export function anchor_separation(
  separation: usize,
  anchor: usize,
  zero: usize,
  anchorBytes: i32,
  table: Moves<usize>,
  count: Moves<i32>,
  elementBytes: Moves<i32>,
  sum: Moves<usize>,
  zeroSum: usize,
  tiles: i32,
  index: u32,
  from: Sums<u32>,
  stack: Sums<usize>,
  depth: Sums<i32>
): i32 {
  let row: usize = 0
  for (let tile = 0; tile < tiles; tile++) {
    let changes: f64 = 0
    let known: f64 = 0
    for (let r = 0; r < TILE; r++, row++) {
      const p = separation + (row << 3)
      let since = moved(table, count, row, elementBytes, sum)
      if (zeroSum !== 0) since -= load<f64>(zeroSum + (row << 3))
      const apart = element(anchor, row, anchorBytes) - element(zero, row, anchorBytes)
      const before = load<f64>(p) + since
      const change = apart - before
      store<f64>(p, apart - since)
      changes += change * change
      known += before * before
    }
    const slot = treeSlot(stack, depth, 3)
    store<f64>(slot, 0)
    store<f64>(slot, changes, 8)
    store<f64>(slot, known, 16)
    depth = treePush(stack, depth, 3, index + tile, from)
  }
  return depth
}
