// One-sided Jacobi rotations of a few rows in f64. The bits equal those of `src/linalg/row-sweeps.ts`: nothing is fused, and sums run in
// the order of the columns.
import { turn, UNIT } from './linalg-turn'

/** Turns two rows until they are orthogonal. Returns false if they were already. @inline */
function orthogonal(x: usize, y: usize, width: usize, tolerance: f64): bool {
  let pp: f64 = 0,
    qq: f64 = 0,
    pq: f64 = 0
  for (let j: usize = 0; j < width; j += 8) {
    const a = load<f64>(x + j)
    const b = load<f64>(y + j)
    pp += a * a
    qq += b * b
    pq += a * b
  }
  if (!(abs<f64>(pq) > tolerance * sqrt<f64>(pp) * sqrt<f64>(qq))) return false
  const theta = (qq - pp) / (2 * pq)
  const t = (theta < 0 ? -1.0 : 1.0) / (abs<f64>(theta) + sqrt<f64>(theta * theta + 1))
  const c = 1 / sqrt<f64>(t * t + 1)
  turn(x, y, c, t * c, width)
  return true
}

/**
 * Turns all pairs among n rows of `columns` numbers, without gaps, in sweeps until a sweep changes nothing. Returns 0 if `most` sweeps were
 * not enough, else 1.
 */
export function koopman_turn_rows(rows: usize, n: i32, columns: i32, most: i32): i32 {
  const width = (<usize>columns) << 3
  const end = rows + <usize>n * width
  const tolerance = <f64>columns * (0.5 * UNIT)
  for (let sweep = 0; sweep < most; sweep++) {
    let isOver = true
    for (let x = rows; x < end; x += width) {
      for (let y = x + width; y < end; y += width) {
        if (orthogonal(x, y, width, tolerance)) isOver = false
      }
    }
    if (isOver) return 1
  }
  return 0
}
