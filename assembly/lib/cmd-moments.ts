// Running moments of every weight's position u against references r_m; `../cmd.ts` states how a tile is laid out.
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
// Columns: f32 or f64 rows at `x`, `stride` bytes to the next; those before `first` and from `count` on have no weight.
// `table`: V, w, f, phi, then w (piece's mean - rmean) for each reference and a 0. `weights`: v, one f64 a column. `rho`: a row
// of `width` f64 for each reference, 0 from `count` on, where there is one column at least, and a row of zeros, which rows
// without mode read. Scratch: 16 bytes a column (`cmd_moments_all`).
import { CROSS, ENERGY, MEAN, MODE, RIVAL, RIVAL_CROSS } from './cmd-modes'
import { firsts, pair, seconds, TILE, wide } from './simd'

/** Columns of a block that join the moments at once. */
type Piece<T> = T

/** phi, or 0 for rows whose E has faded away. @inline */
function fading(at: usize, table: usize): v128 {
  const phi = v128.load64_splat(table + 24)
  const energy = f64x2.mul(phi, v128.load(at, ENERGY))
  return v128.and(phi, f64x2.ge(energy, f64x2.splat(1e-280)))
}

/** E and mean of two rows, given u_first, sum v s and sum v s^2; returns d. @inline */
function advance(at: usize, table: usize, fade: v128, first: v128, sum: v128, squares: v128): v128 {
  const inverse = f64x2.splat(1 / load<f64>(table))
  const mean = v128.load(at, MEAN)
  const d = f64x2.sub(f64x2.add(first, f64x2.mul(sum, inverse)), mean)
  const inner = f64x2.max(
    f64x2.splat(0),
    f64x2.sub(squares, f64x2.mul(f64x2.mul(sum, sum), inverse))
  )
  const outer = f64x2.mul(f64x2.mul(v128.load64_splat(table + 8), d), d)
  const before = f64x2.mul(fade, v128.load(at, ENERGY))
  v128.store(at, f64x2.add(before, f64x2.add(inner, outer)), ENERGY)
  v128.store(at, f64x2.add(mean, f64x2.mul(v128.load64_splat(table + 16), d)), MEAN)
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
  table: usize,
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
    const fade = fading(at, table)
    const d = advance(at, table, fade, u, sum, squares)
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
      const outer = f64x2.mul(d, v128.load64_splat(table + 32 + ((<usize>m) << 3)))
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
  table: usize,
  weights: usize,
  rho: usize,
  width: i32,
  modes: i32,
  tile: usize
): void {
  const pitch = (<usize>width) << 3
  const shifts = table + 32
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
    const fade = fading(at, table)
    const d = advance(at, table, fade, u, sum, squares)
    addCross(at + CROSS, fade, a0, a1, d, shifts + (m0 << 3), shifts + (m1 << 3))
    addCross(at + RIVAL_CROSS, fade, b0, b1, d, shifts + (n0 << 3), shifts + (n1 << 3))
  }
}

/** Moments of a tile against all references. */
export function cmd_moments_all(
  x: usize,
  stride: usize,
  elementBytes: i32,
  high: usize,
  low: usize,
  first: Piece<i32>,
  count: Piece<i32>,
  table: Piece<usize>,
  weights: Piece<usize>,
  rho: Piece<usize>,
  width: Piece<i32>,
  modes: i32,
  tile: usize,
  scratch: usize
): void {
  if (elementBytes === 8)
    momentsAll<f64>(
      x,
      stride,
      first,
      count,
      high,
      low,
      table,
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
      table,
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
  elementBytes: i32,
  high: usize,
  low: usize,
  first: Piece<i32>,
  count: Piece<i32>,
  table: Piece<usize>,
  weights: Piece<usize>,
  rho: Piece<usize>,
  width: Piece<i32>,
  modes: i32,
  tile: usize
): void {
  if (elementBytes === 8)
    momentsOwn<f64>(x, stride, first, count, high, low, table, weights, rho, width, modes, tile)
  else momentsOwn<f32>(x, stride, first, count, high, low, table, weights, rho, width, modes, tile)
}
