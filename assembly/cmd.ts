// Correlation modes: running moments of every weight's position u against references r_m, the choice of a reference, and
// the sums that the figures are made of. Every function works on one tile of 256 rows.
//
// For the n_b sampled columns of a piece of a block, s_j = u_j - u_first, rho_mj = r_mj - (the piece's mean of r_m):
//   E    <- E + (sum s_j^2 - (sum s_j)^2 / n_b) + w d^2
//   C_m  <- C_m + sum s_j rho_mj + w d (the piece's mean of r_m - rmean_m)
//   mean <- mean + f d,   d = u_first + sum s_j / n_b - mean,   w = n n_b / (n + n_b),   f = n_b / (n + n_b)
// Chan's pairwise form: what is squared is shifted by the piece's first position, so nothing cancels however far a weight
// has gone, and since rho is centred, s needs no mean in C. All arithmetic is f64, two rows at a time, unfused.
//
// Tile of state: mode u8[256], mean f64[256], E f64[256], then C: f32[slots][256] while all references are candidates, f64[256]
// afterwards (slots >= 2, so it fits). A row without mode has mode 255. Columns: two f32 or f64 rows at `x`, `stride` bytes
// to the next; `take[j]` is 1 where column j is sampled, at least one is; `count` ends at the last such. `piece`: n_b, w, f, then
// w (piece's mean - rmean) for each reference and a 0. `rho`: a row of `width` f64 for each reference, 0 where a column is
// not sampled, and a row of zeros, which rows without mode read.
//
// Scratch: 16 bytes a column (`cmd_moments_all`), 2 KiB (`cmd_choose`), the tree's stack (`cmd_measure`).
import { TILE, wide } from './lib/simd'
import { treePush, treeSlot } from './lib/tree'

const MEAN: usize = 256
const ENERGY: usize = 256 + 2048
const CROSS: usize = 256 + 4096
const NONE: i32 = 255

// @ts-ignore: decorator
@inline
function pair<T>(p: usize): v128 {
  return sizeof<T>() == 8 ? v128.load(p) : wide(p)
}

/** E and mean of two rows, given u_first, sum s and sum s^2; returns d. */
// @ts-ignore: decorator
@inline
function advance(at: usize, piece: usize, first: v128, sum: v128, squares: v128): v128 {
  const inverse = f64x2.splat(1 / load<f64>(piece))
  const mean = v128.load(at, MEAN)
  const d = f64x2.sub(f64x2.add(first, f64x2.mul(sum, inverse)), mean)
  const inner = f64x2.max(f64x2.splat(0), f64x2.sub(squares, f64x2.mul(f64x2.mul(sum, sum), inverse)))
  const outer = f64x2.mul(f64x2.mul(v128.load64_splat(piece + 8), d), d)
  v128.store(at, f64x2.add(v128.load(at, ENERGY), f64x2.add(inner, outer)), ENERGY)
  v128.store(at, f64x2.add(mean, f64x2.mul(v128.load64_splat(piece + 16), d)), MEAN)
  return d
}

// @ts-ignore: decorator
@inline
function momentsAll<T>(
  x: usize, stride: usize, count: i32, high: usize, low: usize, take: usize,
  piece: usize, rho: usize, width: i32, modes: i32, tile: usize, scratch: usize
): void {
  for (let r: usize = 0; r < <usize>TILE; r += 2) {
    let column = x + r * sizeof<T>()
    let first = f64x2.add(wide(high + (r << 2)), wide(low + (r << 2)))
    let j = 0
    for (;; j++) {
      first = f64x2.add(first, pair<T>(column))
      column += stride
      v128.store(scratch + (<usize>j << 4), f64x2.splat(0))
      if (load<u8>(take + j)) break
    }
    let s = f64x2.splat(0)
    let sum = s
    let squares = s
    for (j++; j < count; j++) {
      s = f64x2.add(s, pair<T>(column))
      column += stride
      v128.store(scratch + (<usize>j << 4), s)
      if (load<u8>(take + j)) {
        sum = f64x2.add(sum, s)
        squares = f64x2.add(squares, f64x2.mul(s, s))
      }
    }
    const d = advance(tile + (r << 3), piece, first, sum, squares)
    let cross = tile + CROSS + (r << 2)
    let row = rho
    for (let m = 0; m < modes; m++) {
      let inner = f64x2.splat(0)
      for (let j = 0; j < count; j++) {
        const at = <usize>j
        inner = f64x2.add(inner, f64x2.mul(v128.load(scratch + (at << 4)), v128.load64_splat(row + (at << 3))))
      }
      const outer = f64x2.mul(d, v128.load64_splat(piece + 24 + (<usize>m << 3)))
      const c = f64x2.add(wide(cross), f64x2.add(inner, outer))
      v128.store64_lane(cross, f32x4.demote_f64x2_zero(c), 0)
      cross += TILE << 2
      row += <usize>width << 3
    }
  }
}

// @ts-ignore: decorator
@inline
function momentsOwn<T>(
  x: usize, stride: usize, count: i32, high: usize, low: usize, take: usize,
  piece: usize, rho: usize, width: i32, modes: i32, tile: usize
): void {
  for (let r: usize = 0; r < <usize>TILE; r += 2) {
    const m0 = <usize>min<i32>(load<u8>(tile + r), modes)
    const m1 = <usize>min<i32>(load<u8>(tile + r, 1), modes)
    const row0 = rho + ((m0 * <usize>width) << 3)
    const row1 = rho + ((m1 * <usize>width) << 3)
    let column = x + r * sizeof<T>()
    let first = f64x2.add(wide(high + (r << 2)), wide(low + (r << 2)))
    let j: usize = 0
    for (;; j++) {
      first = f64x2.add(first, pair<T>(column))
      column += stride
      if (load<u8>(take + j)) break
    }
    let s = f64x2.splat(0)
    let sum = s
    let squares = s
    let inner = s
    for (j++; j < <usize>count; j++) {
      s = f64x2.add(s, pair<T>(column))
      column += stride
      if (load<u8>(take + j)) {
        sum = f64x2.add(sum, s)
        squares = f64x2.add(squares, f64x2.mul(s, s))
        const centred = v128.load64_lane(row1 + (j << 3), v128.load64_zero(row0 + (j << 3)), 1)
        inner = f64x2.add(inner, f64x2.mul(s, centred))
      }
    }
    const at = tile + (r << 3)
    const d = advance(at, piece, first, sum, squares)
    const shift = v128.load64_lane(piece + 24 + (m1 << 3), v128.load64_zero(piece + 24 + (m0 << 3)), 1)
    v128.store(at, f64x2.add(v128.load(at, CROSS), f64x2.add(inner, f64x2.mul(d, shift))), CROSS)
  }
}

/** Moments of a tile against all references. */
export function cmd_moments_all(
  x: usize, stride: usize, eb: i32, count: i32, high: usize, low: usize, take: usize,
  piece: usize, rho: usize, width: i32, modes: i32, tile: usize, scratch: usize
): void {
  if (eb == 8) momentsAll<f64>(x, stride, count, high, low, take, piece, rho, width, modes, tile, scratch)
  else momentsAll<f32>(x, stride, count, high, low, take, piece, rho, width, modes, tile, scratch)
}

/** Moments of a tile against each row's own reference. */
export function cmd_moments_own(
  x: usize, stride: usize, eb: i32, count: i32, high: usize, low: usize, take: usize,
  piece: usize, rho: usize, width: i32, modes: i32, tile: usize
): void {
  if (eb == 8) momentsOwn<f64>(x, stride, count, high, low, take, piece, rho, width, modes, tile)
  else momentsOwn<f32>(x, stride, count, high, low, take, piece, rho, width, modes, tile)
}

/**
 * mode <- argmax_m |C_m| scale_m, scale_m = R_mm^-1/2 or 0 for a reference that stood still; the lowest of equals, 255 where
 * nothing correlates. The C of the mode stays, in f64.
 */
export function cmd_choose(scale: usize, modes: i32, tile: usize, scratch: usize): void {
  for (let r: usize = 0; r < <usize>TILE; r++) {
    let cross = tile + CROSS + (r << 2)
    let mode = NONE
    let best: f64 = 0
    let chosen: f64 = 0
    for (let m = 0; m < modes; m++) {
      const c = <f64>load<f32>(cross)
      const score = abs(c) * load<f64>(scale + (<usize>m << 3))
      if (score > best) {
        best = score
        chosen = c
        mode = m
      }
      cross += TILE << 2
    }
    store<u8>(tile + r, mode)
    store<f64>(scratch + (r << 3), chosen)
  }
  memory.copy(tile + CROSS, scratch, TILE << 3)
}

/**
 * Sums of a tile, width 3 + modes, into the tile tree: rows whose |corr| is not <= limit (a NaN among them), sum E, sum of the
 * residual E (1 - corr^2), and sum |corr| for each mode, corr = C scale_m / E^1/2. Adds to `counts`, u32: rows of each mode,
 * rows without mode that have moved, rows that have not. Returns the tree's new depth.
 */
export function cmd_measure(
  tile: usize, scale: usize, modes: i32, limit: f64, counts: usize,
  index: u32, from: u32, stack: usize, depth: i32
): i32 {
  const slot = treeSlot(stack, depth, 3 + modes)
  memory.fill(slot, 0, <usize>(3 + modes) << 3)
  let wrong: f64 = 0
  let energies: f64 = 0
  let residuals: f64 = 0
  for (let r: usize = 0; r < <usize>TILE; r++) {
    const mode = <i32>load<u8>(tile + r)
    const energy = load<f64>(tile + (r << 3), ENERGY)
    let group = mode
    let residual = energy
    if (mode == NONE) {
      group = modes + i32(energy == 0)
    } else {
      const corr = (abs(load<f64>(tile + (r << 3), CROSS)) * load<f64>(scale + (<usize>mode << 3))) / sqrt(energy)
      if (!(corr <= limit)) wrong += 1
      const clipped = min<f64>(corr, 1)
      residual = energy * (1 - clipped * clipped)
      const sum = slot + 24 + (<usize>mode << 3)
      store<f64>(sum, load<f64>(sum) + clipped)
    }
    const count = counts + (<usize>group << 2)
    store<u32>(count, load<u32>(count) + 1)
    energies += energy
    residuals += residual
  }
  store<f64>(slot, wrong)
  store<f64>(slot, energies, 8)
  store<f64>(slot, residuals, 16)
  return treePush(stack, depth, 3 + modes, index, from)
}

/**
 * Euclidean distances between the rows of a k x k matrix of f32, `width` elements from row to row (a multiple of 4, the rest
 * zero): f64, pairs (0,1), (0,2) .. (k-2,k-1). A difference is rounded to f32, squares and sums are f64, four lanes.
 */
export function cmd_distances(matrix: usize, k: i32, width: i32, distances: usize): void {
  const bytes = <usize>width << 2
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
