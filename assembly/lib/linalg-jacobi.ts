// Jacobi rotations of a small symmetric matrix. The bits equal those of `src/linalg/sweeps.ts`: nothing is fused.

import { turn, UNIT } from './linalg-turn'

/** Makes column y equal to the row at q. @inline */
function mirror(a: usize, q: usize, y: usize, width: usize): void {
  for (let j: usize = 0; j < width; j += 8, a += width) store<f64>(a + y, load<f64>(q + j))
}

/**
 * Zeroes the element at row x, column y, and its mirror. Column x stays unchanged: none of its elements is used until row x has been turned
 * with all rows after it. @inline
 */
function rotate(a: usize, v: usize, width: usize, x: usize, y: usize): void {
  const p = a + x * (width >> 3)
  const q = a + y * (width >> 3)
  const pp = load<f64>(p + x)
  const qq = load<f64>(q + y)
  const pq = load<f64>(p + y)
  const theta = (qq - pp) / (2 * pq)
  const t = (theta < 0 ? -1.0 : 1.0) / (abs<f64>(theta) + sqrt<f64>(theta * theta + 1))
  const c = 1 / sqrt<f64>(t * t + 1)
  const s = t * c
  turn(p, q, c, s, width)
  mirror(a, q, y, width)
  turn(v + (p - a), v + (q - a), c, s, width)
  store<f64>(p + x, pp - t * pq)
  store<f64>(q + y, qq + t * pq)
  store<f64>(p + y, 0)
  store<f64>(q + x, 0)
}

/**
 * Turns all pairs of rows and columns of a symmetric n x n matrix in sweeps, and the rows of V with them, until a sweep changes nothing:
 * |a_ij| <= eps √(a_ii a_jj). Returns 0 if `most` sweeps were not enough, else 1.
 */
export function jacobi_sweeps(a: usize, v: usize, n: i32, most: i32): i32 {
  const width = (<usize>n) << 3
  for (let sweep = 0; sweep < most; sweep++) {
    let isOver = true
    for (let x: usize = 0; x < width; x += 8) {
      const p = a + x * <usize>n
      for (let y = x + 8; y < width; y += 8) {
        const qq = load<f64>(a + y * <usize>n + y)
        const lengths = sqrt<f64>(abs<f64>(load<f64>(p + x))) * sqrt<f64>(abs<f64>(qq))
        if (abs<f64>(load<f64>(p + y)) <= UNIT * lengths) continue
        rotate(a, v, width, x, y)
        isOver = false
      }
      mirror(a, p, x, width)
    }
    if (isOver) return 1
  }
  return 0
}
