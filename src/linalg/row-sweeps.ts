import { rotationOf, sweepPairs } from './rotations.ts'

const unit = 2 ** -53

/** Makes n rows of `columns` numbers orthogonal by Jacobi rotations. Returns false if it did not converge. */
export type RowSweeps = (rows: Float64Array, n: number, columns: number) => boolean

export const turnAllRows: RowSweeps = (rows, n, columns) =>
  sweepPairs(n, (p, q) => {
    const i = p * columns
    const j = q * columns
    // Three independent sums in one loop, so that each addition waits only for the last one of its own sum.
    let pp = 0
    let qq = 0
    let pq = 0
    for (let c = 0; c < columns; c++) {
      const x = rows[i + c]!
      const y = rows[j + c]!
      pp += x * x
      qq += y * y
      pq += x * y
    }
    if (!(Math.abs(pq) > columns * unit * Math.sqrt(pp) * Math.sqrt(qq))) return false
    const turn = rotationOf(pp, qq, pq)
    for (let c = 0; c < columns; c++) {
      const x = rows[i + c]!
      const y = rows[j + c]!
      rows[i + c] = turn.c * x - turn.s * y
      rows[j + c] = turn.s * x + turn.c * y
    }
    return true
  })
