// Coordinates, in the directions of a factor, of vectors that are as long as the scope. For the `kept` columns b_i of B and vectors v_m:
//
//   sums over rows of b_i v_m,  i = 0 .. kept - 1 for each m in turn.
//
// Layout: B is as the factor port has it: each tile of 256 rows has room for `room` columns one after another, f32 or f64. `table` holds
// two u32 for each vector: the address of its first row, and the bytes of an element, 4 or 8. Each tile puts 1 + kept `vectors` sums into
// the tile tree: status (left 0), then the products. 64 rows of B at a time are widened into f64 panels, which stay in the first-level
// cache while all vectors pass. Scratch: `panel`, 512 (kept + 4) bytes, and the tree's stack.
// Error: sums of 256 rows run in f64 on two lanes, with a relative error of at most 256 u; across tiles the tree adds u log2(tiles).
import { copyIn, PITCH } from './lib/panel'
import { sum64, TILE, wide } from './lib/simd'
import { Sums, treePush, treeSlot } from './lib/tree'

export { koopman_absorb } from './lib/koopman-absorb'
export { koopman_assign } from './lib/koopman-assign'
export { koopman_eigenvalues } from './lib/koopman-eigenvalues'
export { koopman_centred, koopman_map } from './lib/koopman-map'
export { koopman_turn_rows } from './lib/koopman-rows'

const ROWS: i32 = 64

/** Widens 64 elements into the panel. @inline */
function widen(source: usize, bytes: i32, panel: usize): void {
  if (bytes === 8) {
    copyIn(source, panel)
    return
  }
  for (const end = panel + PITCH; panel < end; panel += 16, source += 8) {
    v128.store(panel, wide(source))
  }
}

/** Multiplies 64 rows of four columns of the panel by a vector, and adds the products to four sums. @inline */
function project(panel: usize, vector: usize, sum: usize): void {
  let a = f64x2.splat(0),
    b = a,
    c = a,
    d = a
  for (const end = vector + PITCH; vector < end; vector += 16, panel += 16) {
    const v = v128.load(vector)
    a = f64x2.add(a, f64x2.mul(v128.load(panel), v))
    b = f64x2.add(b, f64x2.mul(v128.load(panel, PITCH), v))
    c = f64x2.add(c, f64x2.mul(v128.load(panel, 2 * PITCH), v))
    d = f64x2.add(d, f64x2.mul(v128.load(panel, 3 * PITCH), v))
  }
  store<f64>(sum, load<f64>(sum) + sum64(a))
  store<f64>(sum, load<f64>(sum, 8) + sum64(b), 8)
  store<f64>(sum, load<f64>(sum, 16) + sum64(c), 16)
  store<f64>(sum, load<f64>(sum, 24) + sum64(d), 24)
}

/**
 * Products of `kept` columns of B with `vectors` vectors over `tiles` tiles, starting at tile `own` of B and tile `tile` of the vectors.
 * Returns the tree's new depth. `kept` is a multiple of four: B has room for that many columns, and those not in use are zero.
 */
export function koopman_project(
  b: usize,
  storageBytes: i32,
  room: i32,
  kept: i32,
  table: usize,
  vectors: i32,
  own: i32,
  tile: i32,
  tiles: i32,
  panel: usize,
  index: u32,
  from: Sums<u32>,
  stack: Sums<usize>,
  depth: Sums<i32>
): i32 {
  const width = 1 + kept * vectors
  const vector = panel + <usize>kept * PITCH
  for (let t = 0; t < tiles; t++) {
    const slot = treeSlot(stack, depth, width)
    memory.fill(slot, 0, (<usize>width) << 3)
    for (let row = 0; row < TILE; row += ROWS) {
      const block = (own + t) * room * TILE + row
      for (let i = 0; i < kept; i++) {
        const column = b + <usize>(block + i * TILE) * storageBytes
        widen(column, storageBytes, panel + <usize>i * PITCH)
      }
      for (let m = 0; m < vectors; m++) {
        const entry = table + ((<usize>m) << 3)
        const bytes = load<u32>(entry, 4)
        widen(load<u32>(entry) + <usize>((tile + t) * TILE + row) * bytes, <i32>bytes, vector)
        const sum = slot + 8 + ((<usize>(m * kept)) << 3)
        for (let i = 0; i < kept; i += 4) {
          project(panel + <usize>i * PITCH, vector, sum + ((<usize>i) << 3))
        }
      }
    }
    depth = treePush(stack, depth, width, index + t, from)
  }
  return depth
}
