// One-sided Jacobi (Hestenes 1958): pairs of rows are turned until all are orthogonal, which leaves singular values as their
// norms and right singular vectors as their directions. It has the bits of `src/linalg/row-sweeps.ts`: nothing is fused, lanes
// are even and odd columns.

import { tangent, turn, UNIT } from './linalg-turn'
import { sum64 } from './simd'

/**
 * Turns all pairs of `count` rows of `columns` f64, an even number, in sweeps until a sweep leaves all as they are:
 * |x y| <= u columns ‖x‖ ‖y‖. Returns 0 where `most` sweeps were not enough, else 1.
 */
export function koopman_rows(rows: usize, count: i32, columns: i32, most: i32): i32 {
  const width = (<usize>columns) << 3
  const end = rows + <usize>count * width
  const least = (<f64>columns * UNIT) / 2
  for (let sweep = 0; sweep < most; sweep++) {
    let isOver = true
    for (let x = rows; x < end; x += width) {
      for (let y = x + width; y < end; y += width) {
        let xx = f64x2.splat(0),
          yy = xx,
          xy = xx
        for (let j: usize = 0; j < width; j += 16) {
          const a = v128.load(x + j)
          const b = v128.load(y + j)
          xx = f64x2.add(xx, f64x2.mul(a, a))
          yy = f64x2.add(yy, f64x2.mul(b, b))
          xy = f64x2.add(xy, f64x2.mul(a, b))
        }
        const pp = sum64(xx)
        const qq = sum64(yy)
        const pq = sum64(xy)
        if (!(abs<f64>(pq) > least * sqrt<f64>(pp) * sqrt<f64>(qq))) continue
        const t = tangent(pp, qq, pq)
        const c = 1 / sqrt<f64>(t * t + 1)
        turn(x, y, c, t * c, width)
        isOver = false
      }
    }
    if (isOver) return 1
  }
  return 0
}
