import { rotationOf, sweepPairs } from './rotations.ts'

const unit = 2 ** -53

/** Turns pairs of `count` rows of `columns` numbers, an even number, until all are orthogonal; false if they did not converge. */
export type RowSweeps = (rows: Float64Array, count: number, columns: number) => boolean

/** In JavaScript; even and odd columns are summed apart, as lanes are. */
export const turnRows: RowSweeps = (rows, count, columns) =>
  sweepPairs(count, (p, q) => {
    const [x, y] = [p * columns, q * columns]
    let [pp, qq, pq] = [0, 0, 0]
    let [oddPp, oddQq, oddPq] = [0, 0, 0]
    for (let c = 0; c < columns; c += 2) {
      const [a, b] = [rows[x + c]!, rows[y + c]!]
      pp += a * a
      qq += b * b
      pq += a * b
      const [oddA, oddB] = [rows[x + c + 1]!, rows[y + c + 1]!]
      oddPp += oddA * oddA
      oddQq += oddB * oddB
      oddPq += oddA * oddB
    }
    pp += oddPp
    qq += oddQq
    pq += oddPq
    if (!(Math.abs(pq) > columns * unit * Math.sqrt(pp) * Math.sqrt(qq))) return false
    const { c, s } = rotationOf(pp, qq, pq)
    for (let j = 0; j < columns; j++) {
      const a = rows[x + j]!
      const b = rows[y + j]!
      rows[x + j] = c * a - s * b
      rows[y + j] = s * a + c * b
    }
    return true
  })
