// Correlation modes: running moments of every weight's position u against references r_m, the sums that the figures are
// made of, and (`lib/cmd-modes.ts`) which references these are for each weight. Every function works on one tile of 256 rows.
//
// For the columns of a piece of a block, with weights v_j, V = sum v_j, s_j = u_j - u_first, and rho_mj = v_j (r_mj - the
// piece's mean of r_m), after all that came before has faded by phi:
//   E    <- phi E + (sum v_j s_j^2 - (sum v_j s_j)^2 / V) + w d^2
//   C_m  <- phi C_m + sum s_j rho_mj + w d (the piece's mean of r_m - rmean_m)
//   mean <- mean + f d,   d = u_first + sum v_j s_j / V - mean,   w = phi n V / (phi n + V),   f = V / (phi n + V)
// Chan's pairwise form: what is squared is shifted by the piece's first position, so nothing cancels however far a weight
// has gone, and since rho is centred, s needs no mean in C. All arithmetic is f64, two rows at a time, unfused. E that has
// faded below 1e-280 is 0, and so is what correlates with it.
//
// Tile of state: u32 exchanges so far and 12 bytes of nothing; u8[256] each: mode, runner-up, checks in a row that the
// runner-up has led; mean f64[256], E f64[256], then C: f32[slots][256] while all references are candidates, f64[256] of the
// mode and f64[256] of the runner-up afterwards (slots >= 4, so they fit). 255 is no mode.
// Columns: f32 or f64 rows at `x`, `stride` bytes to the next; those before `first` and from `count` on have no weight.
// `piece`: V, w, f, phi, then w (piece's mean - rmean) for each reference and a 0. `weights`: v, one f64 a column. `rho`: a row
// of `width` f64 for each reference, 0 from `count` on, where there is one column at least, and a row of zeros, which rows
// without mode read. `scale`: R_mm^-1/2 for each reference or 0 for one that stood still, and a 0.
//
// Scratch: 16 bytes a column (`cmd_moments_all`), the tree's stack (`cmd_measure`).
import { CROSS, ENERGY, MEAN, MODE, NONE, RIVAL, RIVAL_CROSS } from './lib/cmd-modes'
import { pair, TILE, wide } from './lib/simd'
import { treePush, treeSlot } from './lib/tree'

export { cmd_check, cmd_choose, cmd_propose } from './lib/cmd-modes'

/** The first lanes of a and b, and the second ones. @inline */
function firsts(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 0, 2)
}
/** @inline */
function seconds(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 1, 3)
}

/** phi, or 0 for rows whose E has faded away. @inline */
function fading(at: usize, piece: usize): v128 {
  const phi = v128.load64_splat(piece + 24)
  const energy = f64x2.mul(phi, v128.load(at, ENERGY))
  return v128.and(phi, f64x2.ge(energy, f64x2.splat(1e-280)))
}

/** E and mean of two rows, given u_first, sum v s and sum v s^2; returns d. @inline */
function advance(at: usize, piece: usize, fade: v128, first: v128, sum: v128, squares: v128): v128 {
  const inverse = f64x2.splat(1 / load<f64>(piece))
  const mean = v128.load(at, MEAN)
  const d = f64x2.sub(f64x2.add(first, f64x2.mul(sum, inverse)), mean)
  const inner = f64x2.max(
    f64x2.splat(0),
    f64x2.sub(squares, f64x2.mul(f64x2.mul(sum, sum), inverse))
  )
  const outer = f64x2.mul(f64x2.mul(v128.load64_splat(piece + 8), d), d)
  const before = f64x2.mul(fade, v128.load(at, ENERGY))
  v128.store(at, f64x2.add(before, f64x2.add(inner, outer)), ENERGY)
  v128.store(at, f64x2.add(mean, f64x2.mul(v128.load64_splat(piece + 16), d)), MEAN)
  return d
}

/** The position of two rows after column `first`. @inline */
function positionAt<T>(column: usize, stride: usize, first: i32, high: usize, low: usize): v128 {
  let u = f64x2.add(wide(high), wide(low))
  for (let j = 0; j <= first; j++) {
    u = f64x2.add(u, pair<T>(column))
    column += stride
  }
  return u
}

/** @inline */
function momentsAll<T>(
  x: usize,
  stride: usize,
  first: i32,
  count: i32,
  high: usize,
  low: usize,
  piece: usize,
  weights: usize,
  rho: usize,
  width: i32,
  modes: i32,
  tile: usize,
  scratch: usize
): void {
  for (let r: usize = 0; r < <usize>TILE; r += 2) {
    let column = x + r * sizeof<T>()
    const u = positionAt<T>(column, stride, first, high + (r << 2), low + (r << 2))
    column += <usize>(first + 1) * stride
    let s = f64x2.splat(0)
    let sum = s
    let squares = s
    v128.store(scratch + ((<usize>first) << 4), s)
    for (let j = first + 1; j < count; j++) {
      s = f64x2.add(s, pair<T>(column))
      column += stride
      v128.store(scratch + ((<usize>j) << 4), s)
      const vs = f64x2.mul(s, v128.load64_splat(weights + ((<usize>j) << 3)))
      sum = f64x2.add(sum, vs)
      squares = f64x2.add(squares, f64x2.mul(vs, s))
    }
    const at = tile + (r << 3)
    const fade = fading(at, piece)
    const d = advance(at, piece, fade, u, sum, squares)
    let cross = tile + CROSS + (r << 2)
    let row = rho
    for (let m = 0; m < modes; m++) {
      let inner = f64x2.splat(0)
      for (let j = first; j < count; j++) {
        const at = <usize>j
        inner = f64x2.add(
          inner,
          f64x2.mul(v128.load(scratch + (at << 4)), v128.load64_splat(row + (at << 3)))
        )
      }
      const outer = f64x2.mul(d, v128.load64_splat(piece + 32 + ((<usize>m) << 3)))
      const c = f64x2.add(f64x2.mul(fade, wide(cross)), f64x2.add(inner, outer))
      v128.store64_lane(cross, f32x4.demote_f64x2_zero(c), 0)
      cross += TILE << 2
      row += (<usize>width) << 3
    }
  }
}

/** C <- phi C + inner + w d (the piece's mean of r - rmean) for two rows; inner in two lanes for each. @inline */
function addCross(
  c: usize,
  fade: v128,
  inner0: v128,
  inner1: v128,
  d: v128,
  shift0: usize,
  shift1: usize
): void {
  const inner = f64x2.add(firsts(inner0, inner1), seconds(inner0, inner1))
  const shift = v128.load64_lane(shift1, v128.load64_zero(shift0), 1)
  v128.store(c, f64x2.add(f64x2.mul(fade, v128.load(c)), f64x2.add(inner, f64x2.mul(d, shift))))
}

/** @inline */
function momentsOwn<T>(
  x: usize,
  stride: usize,
  first: i32,
  count: i32,
  high: usize,
  low: usize,
  piece: usize,
  weights: usize,
  rho: usize,
  width: i32,
  modes: i32,
  tile: usize
): void {
  const pitch = (<usize>width) << 3
  const shifts = piece + 32
  for (let r: usize = 0; r < <usize>TILE; r += 2) {
    const m0 = <usize>min<i32>(load<u8>(tile + r, MODE), modes)
    const m1 = <usize>min<i32>(load<u8>(tile + r, MODE + 1), modes)
    const n0 = <usize>min<i32>(load<u8>(tile + r, RIVAL), modes)
    const n1 = <usize>min<i32>(load<u8>(tile + r, RIVAL + 1), modes)
    const own0 = rho + m0 * pitch
    const own1 = rho + m1 * pitch
    const rival0 = rho + n0 * pitch
    const rival1 = rho + n1 * pitch
    let column = x + r * sizeof<T>()
    const u = positionAt<T>(column, stride, first, high + (r << 2), low + (r << 2))
    column += <usize>(first + 1) * stride
    let s = f64x2.splat(0)
    let sum = s
    let squares = s
    let a0 = s
    let a1 = s
    let b0 = s
    let b1 = s
    // Two columns at a time, turned so that a register holds both of one row, as rows of rho do.
    let j: usize = first + 1
    for (; j < <usize>count; j += 2) {
      s = f64x2.add(s, pair<T>(column))
      column += stride
      const before = s
      let vs = f64x2.mul(s, v128.load64_splat(weights + (j << 3)))
      sum = f64x2.add(sum, vs)
      squares = f64x2.add(squares, f64x2.mul(vs, s))
      if (j + 1 < <usize>count) {
        s = f64x2.add(s, pair<T>(column))
        column += stride
        vs = f64x2.mul(s, v128.load64_splat(weights + (j << 3), 8))
        sum = f64x2.add(sum, vs)
        squares = f64x2.add(squares, f64x2.mul(vs, s))
      }
      const s0 = firsts(before, s)
      const s1 = seconds(before, s)
      a0 = f64x2.add(a0, f64x2.mul(s0, v128.load(own0 + (j << 3))))
      a1 = f64x2.add(a1, f64x2.mul(s1, v128.load(own1 + (j << 3))))
      b0 = f64x2.add(b0, f64x2.mul(s0, v128.load(rival0 + (j << 3))))
      b1 = f64x2.add(b1, f64x2.mul(s1, v128.load(rival1 + (j << 3))))
    }
    const at = tile + (r << 3)
    const fade = fading(at, piece)
    const d = advance(at, piece, fade, u, sum, squares)
    addCross(at + CROSS, fade, a0, a1, d, shifts + (m0 << 3), shifts + (m1 << 3))
    addCross(at + RIVAL_CROSS, fade, b0, b1, d, shifts + (n0 << 3), shifts + (n1 << 3))
  }
}

/** Moments of a tile against all references. */
export function cmd_moments_all(
  x: usize,
  stride: usize,
  eb: i32,
  first: i32,
  count: i32,
  high: usize,
  low: usize,
  piece: usize,
  weights: usize,
  rho: usize,
  width: i32,
  modes: i32,
  tile: usize,
  scratch: usize
): void {
  if (eb === 8)
    momentsAll<f64>(
      x,
      stride,
      first,
      count,
      high,
      low,
      piece,
      weights,
      rho,
      width,
      modes,
      tile,
      scratch
    )
  else
    momentsAll<f32>(
      x,
      stride,
      first,
      count,
      high,
      low,
      piece,
      weights,
      rho,
      width,
      modes,
      tile,
      scratch
    )
}

/** Moments of a tile against each row's own reference and its runner-up. */
export function cmd_moments_own(
  x: usize,
  stride: usize,
  eb: i32,
  first: i32,
  count: i32,
  high: usize,
  low: usize,
  piece: usize,
  weights: usize,
  rho: usize,
  width: i32,
  modes: i32,
  tile: usize
): void {
  if (eb === 8)
    momentsOwn<f64>(x, stride, first, count, high, low, piece, weights, rho, width, modes, tile)
  else momentsOwn<f32>(x, stride, first, count, high, low, piece, weights, rho, width, modes, tile)
}

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
  from: u32,
  stack: usize,
  depth: i32
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
