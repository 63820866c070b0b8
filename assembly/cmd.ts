// Correlation modes: running moments of every weight's position against references (`lib/cmd-moments.ts`), which references these
// are for each weight (`lib/cmd-modes.ts`), and the sums that the figures are made of. All but the distances work on one tile of
// 256 rows.
//
// Tile of state: u32 exchanges so far and 12 bytes of nothing; u8[256] each: mode, runner-up, checks in a row that the
// runner-up has led; mean f64[256], E f64[256], then C: f32[slots][256] while all references are candidates, f64[256] of the
// mode and f64[256] of the runner-up afterwards (slots >= 4, so they fit). 255 is no mode.
// `scale`: R_mm^-1/2 for each reference or 0 for one that stood still, and a 0. Scratch: the tree's stack.
import { CROSS, ENERGY, MODE, NONE } from './lib/cmd-modes'
import { TILE } from './lib/simd'
import { Sums, treePush, treeSlot } from './lib/tree'

export { cmd_check, cmd_choose, cmd_propose } from './lib/cmd-modes'
export { cmd_moments_all, cmd_moments_own } from './lib/cmd-moments'

/**
 * Sums of a tile, width 4 + modes, into the tile tree: rows whose |corr| is not <= limit (a NaN among them), sum E, sum of the
 * residual E (1 - corr^2), exchanges so far, and sum |corr| for each mode, corr = C scale_m / E^1/2. Adds to `counts`, u32: rows
 * of each mode, rows without mode that have moved, rows that have not. Returns the tree's new depth.
 */
export function cmd_measure(
  tile: usize,
  scale: usize,
  modes: i32,
  limit: f64,
  counts: usize,
  index: u32,
  from: Sums<u32>,
  stack: Sums<usize>,
  depth: Sums<i32>
): i32 {
  const slot = treeSlot(stack, depth, 4 + modes)
  memory.fill(slot, 0, (<usize>(4 + modes)) << 3)
  let wrong: f64 = 0
  let energies: f64 = 0
  let residuals: f64 = 0
  for (let r: usize = 0; r < <usize>TILE; r++) {
    const mode = <i32>load<u8>(tile + r, MODE)
    const energy = load<f64>(tile + (r << 3), ENERGY)
    let group = modes + 1
    if (energy !== 0) {
      let residual = energy
      group = modes
      if (mode !== NONE) {
        const corr =
          (abs(load<f64>(tile + (r << 3), CROSS)) * load<f64>(scale + ((<usize>mode) << 3))) /
          sqrt(energy)
        if (!(corr <= limit)) wrong += 1
        const clipped = min<f64>(corr, 1)
        residual = energy * (1 - clipped * clipped)
        const sum = slot + 32 + ((<usize>mode) << 3)
        store<f64>(sum, load<f64>(sum) + clipped)
        group = mode
      }
      energies += energy
      residuals += residual
    }
    const count = counts + ((<usize>group) << 2)
    store<u32>(count, load<u32>(count) + 1)
  }
  store<f64>(slot, wrong)
  store<f64>(slot, energies, 8)
  store<f64>(slot, residuals, 16)
  store<f64>(slot, load<u32>(tile), 24)
  return treePush(stack, depth, 4 + modes, index, from)
}

/**
 * Euclidean distances between the rows of a k x k matrix of f32, `width` elements from row to row (a multiple of 4, the rest
 * zero): f64, pairs (0,1), (0,2) .. (k-2,k-1). A difference is rounded to f32, squares and sums are f64, four lanes.
 */
export function cmd_distances(matrix: usize, k: i32, width: i32, distances: usize): void {
  const bytes = (<usize>width) << 2
  for (let i = 0; i < k; i++) {
    const row = matrix + <usize>i * bytes
    for (let j = i + 1; j < k; j++) {
      const other = matrix + <usize>j * bytes
      let a = f64x2.splat(0)
      let b = f64x2.splat(0)
      for (let c: usize = 0; c < bytes; c += 16) {
        const difference = f32x4.sub(v128.load(row + c), v128.load(other + c))
        const u = f64x2.promote_low_f32x4(difference)
        const v = f64x2.promote_low_f32x4(v128.shuffle<i64>(difference, difference, 1, 1))
        a = f64x2.add(a, f64x2.mul(u, u))
        b = f64x2.add(b, f64x2.mul(v, v))
      }
      a = f64x2.add(a, b)
      store<f64>(distances, sqrt(f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1)))
      distances += 8
    }
  }
}
