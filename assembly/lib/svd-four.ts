// The loop that rotation and elimination share: four rows of four columns, summed in f64 and rounded once to the storage.

import { PITCH } from './panel'
import { madd64, TILE, wide } from './simd'

/** Stores four f64, or rounds them to f32 and stores these. @inline */
function put(out: usize, storageBytes: i32, column: i32, a: v128, b: v128): void {
  const p = out + <usize>(column * TILE * storageBytes)
  if (storageBytes === 8) {
    v128.store(p, a)
    v128.store(p, b, 16)
  } else {
    v128.store64_lane(p, f32x4.demote_f64x2_zero(a), 0)
    v128.store64_lane(p, f32x4.demote_f64x2_zero(b), 0, 8)
  }
}

/**
 * Four rows of P R for a panel P of k columns and four columns of R, f64, in rows of `pitch` bytes; if `isAdded`, they are added to the f32
 * columns at p0 to p3. The result has the column layout of a tile, starting at `out`. @inline
 */
export function four(
  isAdded: bool,
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize,
  panel: usize,
  r: usize,
  pitch: usize,
  k: i32,
  out: usize,
  storageBytes: i32
): void {
  const zero = f64x2.splat(0)
  let a0 = isAdded ? wide(p0) : zero,
    b0 = isAdded ? wide(p0 + 8) : zero,
    a1 = isAdded ? wide(p1) : zero,
    b1 = isAdded ? wide(p1 + 8) : zero,
    a2 = isAdded ? wide(p2) : zero,
    b2 = isAdded ? wide(p2 + 8) : zero,
    a3 = isAdded ? wide(p3) : zero,
    b3 = isAdded ? wide(p3 + 8) : zero
  for (let i = 0; i < k; i++) {
    const s = v128.load(panel)
    const t = v128.load(panel, 16)
    let c = v128.load64_splat(r)
    a0 = madd64(s, c, a0)
    b0 = madd64(t, c, b0)
    c = v128.load64_splat(r, 8)
    a1 = madd64(s, c, a1)
    b1 = madd64(t, c, b1)
    c = v128.load64_splat(r, 16)
    a2 = madd64(s, c, a2)
    b2 = madd64(t, c, b2)
    c = v128.load64_splat(r, 24)
    a3 = madd64(s, c, a3)
    b3 = madd64(t, c, b3)
    panel += PITCH
    r += pitch
  }
  put(out, storageBytes, 0, a0, b0)
  put(out, storageBytes, 1, a1, b1)
  put(out, storageBytes, 2, a2, b2)
  put(out, storageBytes, 3, a3, b3)
}
