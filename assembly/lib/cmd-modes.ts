// Which references a weight is measured against, its mode and a runner-up: the choice, their exchange, and proposals from a
// factor. `../cmd.ts` states the layout of a tile, of which these are the places, and what `scale` is.
//
// A runner-up takes the mode's place where its |corr| leads by more than a margin at two successive checks, so that near ties
// stay as they are. Scratch: 4 KiB (`cmd_choose`), 32 bytes for each column of B and each reference (`cmd_propose`).
import { pair, TILE } from './simd'

export const MODE: usize = 16
export const RIVAL: usize = MODE + TILE
const LEAD: usize = RIVAL + TILE
export const MEAN: usize = LEAD + TILE
export const ENERGY: usize = MEAN + (TILE << 3)
export const CROSS: usize = ENERGY + (TILE << 3)
export const RIVAL_CROSS: usize = CROSS + (TILE << 3)
export const NONE: i32 = 255

/** By how much |corr| of the runner-up has to lead, and at how many checks in a row. */
const MARGIN: f64 = 0.05
const CHECKS: i32 = 2

/**
 * mode <- argmax_m |C_m| scale_m, runner-up <- the best of the others; the lowest of equals, 255 where nothing correlates.
 * Their C stay, in f64.
 */
export function cmd_choose(scale: usize, modes: i32, tile: usize, scratch: usize): void {
  for (let r: usize = 0; r < <usize>TILE; r++) {
    let cross = tile + CROSS + (r << 2)
    let mode = NONE
    let rival = NONE
    let best: f64 = 0
    let second: f64 = 0
    let chosen: f64 = 0
    let other: f64 = 0
    for (let m = 0; m < modes; m++) {
      const c = <f64>load<f32>(cross)
      const score = abs(c) * load<f64>(scale + ((<usize>m) << 3))
      if (score > best) {
        second = best
        other = chosen
        rival = mode
        best = score
        chosen = c
        mode = m
      } else if (score > second) {
        second = score
        other = c
        rival = m
      }
      cross += TILE << 2
    }
    store<u8>(tile + r, mode, MODE)
    store<u8>(tile + r, rival, RIVAL)
    store<f64>(scratch + (r << 3), chosen)
    store<f64>(scratch + (r << 3), other, TILE << 3)
  }
  memory.copy(tile + CROSS, scratch, TILE << 4)
}

/** Puts the runner-up in the mode's place where it has led for `CHECKS` checks in a row. @inline */
function take(tile: usize, r: usize, leads: bool): void {
  const led = leads ? <i32>load<u8>(tile + r, LEAD) + 1 : 0
  store<u8>(tile + r, led < CHECKS ? led : 0, LEAD)
  if (led < CHECKS) return
  const mode = load<u8>(tile + r, MODE)
  store<u8>(tile + r, load<u8>(tile + r, RIVAL), MODE)
  store<u8>(tile + r, mode, RIVAL)
  const at = tile + (r << 3)
  const c = load<f64>(at, CROSS)
  store<f64>(at, load<f64>(at, RIVAL_CROSS), CROSS)
  store<f64>(at, c, RIVAL_CROSS)
  store<u32>(tile, load<u32>(tile) + 1)
}

/** One check of each row: does |corr| with the runner-up lead by more than `MARGIN`? */
export function cmd_check(scale: usize, modes: i32, tile: usize): void {
  for (let r: usize = 0; r < <usize>TILE; r += 2) {
    const m0 = <usize>min<i32>(load<u8>(tile + r, MODE), modes)
    const m1 = <usize>min<i32>(load<u8>(tile + r, MODE + 1), modes)
    const n0 = <usize>min<i32>(load<u8>(tile + r, RIVAL), modes)
    const n1 = <usize>min<i32>(load<u8>(tile + r, RIVAL + 1), modes)
    const own = v128.load64_lane(scale + (m1 << 3), v128.load64_zero(scale + (m0 << 3)), 1)
    const rival = v128.load64_lane(scale + (n1 << 3), v128.load64_zero(scale + (n0 << 3)), 1)
    const at = tile + (r << 3)
    const a = f64x2.mul(f64x2.abs(v128.load(at, CROSS)), own)
    const b = f64x2.mul(f64x2.abs(v128.load(at, RIVAL_CROSS)), rival)
    // lead > MARGIN E^1/2, without the root
    const lead = f64x2.sub(b, a)
    const margin = f64x2.mul(f64x2.splat(MARGIN * MARGIN), v128.load(at, ENERGY))
    const leads = i64x2.bitmask(f64x2.gt(f64x2.mul(lead, f64x2.abs(lead)), margin))
    if ((leads | <i32>load<u16>(tile + r, LEAD)) === 0) continue
    take(tile, r, (leads & 1) !== 0)
    take(tile, r + 1, (leads & 2) !== 0)
  }
}

/** C of a row with a reference as B has it, no larger than E and R allow. @inline */
function bounded(product: f64, energy: f64, scale: f64): f64 {
  const most = sqrt(energy) / scale
  return min<f64>(max<f64>(product, -most), most)
}

/** Takes what B says of one row: mode and runner-up if it has none, else a runner-up that is better by `MARGIN`. @inline */
function consider(tile: usize, r: usize, products: usize, scale: usize, modes: i32): void {
  const at = tile + (r << 3)
  const energy = load<f64>(at, ENERGY)
  if (energy === 0) return
  let first = NONE
  let second = NONE
  let best: f64 = 0
  let next: f64 = 0
  for (let m = 0; m < modes; m++) {
    const score =
      abs(load<f64>(products + ((<usize>m) << 5))) * load<f64>(scale + ((<usize>m) << 3))
    if (score > best) {
      next = best
      second = first
      best = score
      first = m
    } else if (score > next) {
      next = score
      second = m
    }
  }
  if (first === NONE) return
  const mode = <i32>load<u8>(tile + r, MODE)
  if (mode === NONE) {
    store<u8>(tile + r, first, MODE)
    store<f64>(
      at,
      bounded(
        load<f64>(products + ((<usize>first) << 5)),
        energy,
        load<f64>(scale + ((<usize>first) << 3))
      ),
      CROSS
    )
  } else {
    if (first !== mode) {
      second = first
      next = best
    }
    const rival = <i32>load<u8>(tile + r, RIVAL)
    if (second === rival || load<u8>(tile + r, LEAD) !== 0) return
    if (rival !== NONE) {
      next -=
        abs(load<f64>(products + ((<usize>rival) << 5))) * load<f64>(scale + ((<usize>rival) << 3))
      if (!(next * abs(next) > MARGIN * MARGIN * energy)) return
    }
  }
  store<u8>(tile + r, second, RIVAL)
  if (second === NONE) return
  store<f64>(
    at,
    bounded(
      load<f64>(products + ((<usize>second) << 5)),
      energy,
      load<f64>(scale + ((<usize>second) << 3))
    ),
    RIVAL_CROSS
  )
}

/** @inline */
function propose<T>(
  b: usize,
  kept: i32,
  references: usize,
  scale: usize,
  modes: i32,
  tile: usize,
  scratch: usize
): void {
  const products = scratch + ((<usize>kept) << 5)
  for (let r: usize = 0; r < <usize>TILE; r += 4) {
    let column = b + r * sizeof<T>()
    for (let row = scratch; row < products; row += 32) {
      v128.store(row, pair<T>(column))
      v128.store(row, pair<T>(column + 2 * sizeof<T>()), 16)
      column += TILE * sizeof<T>()
    }
    let reference = references
    for (let m = 0; m < modes; m++) {
      let p = f64x2.splat(0)
      let q = p
      for (let row = scratch; row < products; row += 32) {
        const clock = v128.load64_splat(reference)
        p = f64x2.add(p, f64x2.mul(v128.load(row), clock))
        q = f64x2.add(q, f64x2.mul(v128.load(row, 16), clock))
        reference += 8
      }
      v128.store(products + ((<usize>m) << 5), p)
      v128.store(products + ((<usize>m) << 5), q, 16)
    }
    for (let i: usize = 0; i < 4; i++) consider(tile, r + i, products + (i << 3), scale, modes)
  }
}

/**
 * What a factor B of the centred positions says of a tile, C_im = <B_i, B_m>. `b`: the tile's `kept` columns of `elementBytes` bytes an
 * element; `references`: B_m, `kept` f64 for each reference. A runner-up that leads stays.
 */
export function cmd_propose(
  b: usize,
  elementBytes: i32,
  kept: i32,
  references: usize,
  scale: usize,
  modes: i32,
  tile: usize,
  scratch: usize
): void {
  if (elementBytes === 8) propose<f64>(b, kept, references, scale, modes, tile, scratch)
  else propose<f32>(b, kept, references, scale, modes, tile, scratch)
}
