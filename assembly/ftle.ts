// Grams of separations (twins) and of vectors as they come (tangents). Before a block there are separations d_m = w_m - w_0 (f64); the
// block has columns c_mj (f32 or f64). For every tile and each of the n columns j:
//
//   d_m <- d_m + c_mj,   P_j[m, q] = sum over rows of d_m d_q for q <= m,   a_j[m] = sum over rows of |d_m|,
//
// and, once per tile, the squared norm of member 0's weights w0 + position (0 if `weights` is 0, which means that w0 is not known). A
// vector without a separation (address 0) is just its column, d_m <- c_mj, and its a stays 0. The running d_m of a tile stays in scratch, 2
// KiB per vector, while all columns pass over it. So memory is read once: 8 p bytes per row for the separations, and `elementBytes` p per
// row and column. Nothing is written back; the engine advances the separations itself.
//
// Layout: `table` holds three u32 for each vector: the address of the separation, the address of the first column's first row, and the
// bytes between columns. The sums of a tile are [status (left 0), ‖w‖², then for each column P packed by rows (p (p + 1) / 2) and a (p)].
// Scratch: `d`, 2048 p bytes, and the tree's stack.
// Error: sums of 256 rows run in f64 on four lanes (two for ‖w‖), with a relative error of at most 256 u; across tiles the tree adds u
// log2(tiles).
import { sum64, TILE, wide } from './lib/simd'
import { Sums, treePush, treeSlot } from './lib/tree'

/** Grams of `p` vectors over `tiles` tiles, starting at row `256 tile`. Returns the stack's new depth. */
export function ftle_grams(
  table: usize,
  p: i32,
  n: i32,
  elementBytes: i32,
  weights: usize,
  high: usize,
  low: usize,
  d: usize,
  tile: i32,
  tiles: i32,
  index: u32,
  from: Sums<u32>,
  stack: Sums<usize>,
  depth: Sums<i32>
): i32 {
  const width = 2 + n * ((p * (p + 3)) >> 1)
  for (let t = 0; t < tiles; t++) {
    const row = <usize>(tile + t) * TILE
    let slot = treeSlot(stack, depth, width)
    store<f64>(slot, 0)
    store<f64>(
      slot,
      weights === 0 ? 0 : normSquared(weights + (row << 2), high + (row << 2), low + (row << 2)),
      8
    )
    slot += 16
    for (let m = 0; m < p; m++) {
      const separation = load<u32>(table + <usize>m * 12)
      if (separation) memory.copy(d + <usize>m * (TILE << 3), separation + (row << 3), TILE << 3)
    }
    for (let j = 0; j < n; j++) {
      const norms = slot + ((<usize>(p * (p + 1))) << 2)
      for (let m = 0; m < p; m++) {
        const entry = table + <usize>m * 12
        const x = load<u32>(entry, 4) + <usize>j * load<u32>(entry, 8)
        const dm = d + <usize>m * (TILE << 3)
        const norm = norms + ((<usize>m) << 3)
        if (load<u32>(entry) === 0) {
          if (elementBytes === 8) memory.copy(dm, x + (row << 3), TILE << 3)
          else widen(dm, x + (row << 2))
          store<f64>(norm, 0)
        } else if (elementBytes === 8) advanceDouble(dm, x + (row << 3), norm)
        else advanceSingle(dm, x + (row << 2), norm)
        for (let q = 0; q <= m; q++) {
          store<f64>(slot, dot(dm, d + <usize>q * (TILE << 3)))
          slot += 8
        }
      }
      slot += (<usize>p) << 3
    }
    depth = treePush(stack, depth, width, index + t, from)
  }
  return depth
}

/** ‖w0 + high + low‖² over a tile. */
function normSquared(weights: usize, high: usize, low: usize): f64 {
  let sum = f64x2.splat(0)
  for (let i = 0; i < TILE; i += 2) {
    const w = f64x2.add(wide(weights), f64x2.add(wide(high), wide(low)))
    sum = f64x2.add(sum, f64x2.mul(w, w))
    weights += 8
    high += 8
    low += 8
  }
  return sum64(sum)
}

/** d <- x over a tile of f32. */
function widen(d: usize, x: usize): void {
  for (let i = 0; i < TILE; i += 2) {
    v128.store(d, wide(x))
    d += 16
    x += 8
  }
}

/** d <- d + x over a tile of f32; the sum of |d| goes to `norm`. */
function advanceSingle(d: usize, x: usize, norm: usize): void {
  let even = f64x2.splat(0)
  let odd = f64x2.splat(0)
  for (let i = 0; i < TILE; i += 4) {
    const v = f64x2.add(v128.load(d), wide(x))
    const w = f64x2.add(v128.load(d, 16), wide(x + 8))
    v128.store(d, v)
    v128.store(d, w, 16)
    even = f64x2.add(even, f64x2.abs(v))
    odd = f64x2.add(odd, f64x2.abs(w))
    d += 32
    x += 16
  }
  store<f64>(norm, sum64(f64x2.add(even, odd)))
}

/** The same for f64. */
function advanceDouble(d: usize, x: usize, norm: usize): void {
  let even = f64x2.splat(0)
  let odd = f64x2.splat(0)
  for (let i = 0; i < TILE; i += 4) {
    const v = f64x2.add(v128.load(d), v128.load(x))
    const w = f64x2.add(v128.load(d, 16), v128.load(x, 16))
    v128.store(d, v)
    v128.store(d, w, 16)
    even = f64x2.add(even, f64x2.abs(v))
    odd = f64x2.add(odd, f64x2.abs(w))
    d += 32
    x += 32
  }
  store<f64>(norm, sum64(f64x2.add(even, odd)))
}

/** Inner product over a tile. */
function dot(a: usize, b: usize): f64 {
  let even = f64x2.splat(0)
  let odd = f64x2.splat(0)
  for (let i = 0; i < TILE; i += 4) {
    even = f64x2.add(even, f64x2.mul(v128.load(a), v128.load(b)))
    odd = f64x2.add(odd, f64x2.mul(v128.load(a, 16), v128.load(b, 16)))
    a += 32
    b += 32
  }
  return sum64(f64x2.add(even, odd))
}
