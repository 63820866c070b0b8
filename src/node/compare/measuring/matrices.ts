import { assign } from '../../../linalg/assignment.ts'
import type { Matrix } from '../../../spec/figures.ts'

/** Rows and columns that both matrices have, by label, as pairs of indices into the two matrices. */
export function commonOf(a: Matrix, b: Matrix): Record<'rows' | 'columns', [number, number][]> {
  const both = (own: Matrix['rows'], other: Matrix['rows']): [number, number][] => {
    const places = new Map(other.map((label, place) => [label, place]))
    return own.flatMap((label, i): [number, number][] => {
      const place = places.get(label)
      return place === undefined ? [] : [[i, place]]
    })
  }
  return { rows: both(a.rows, b.rows), columns: both(a.columns, b.columns) }
}

/**
 * The distance between two matrices in the rows and columns that both have: the norm of their difference divided by the mean of
 * their norms, 0 to 2. An entry that is unknown in one matrix is left out of both.
 */
export function matrixDistance(a: Matrix, b: Matrix): number {
  const { rows, columns } = commonOf(a, b)
  let [between, own, other] = [0, 0, 0]
  for (const [i, k] of rows) {
    for (const [j, l] of columns) {
      const [x, y] = [a.values[i]![j]!, b.values[k]![l]!]
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue
      between += (x - y) ** 2
      own += x ** 2
      other += y ** 2
    }
  }
  const size = (Math.sqrt(own) + Math.sqrt(other)) / 2
  return size > 0 ? Math.sqrt(between) / size : 0
}

/**
 * The distance between two divisions of the same rows into parts. Columns are the parts, and the order of rows and columns does
 * not matter. The parts are matched one to one as well as possible; the distance is the share of the total that is then in
 * different parts, 0 to 1.
 */
export function partsDistance(a: Matrix, b: Matrix): number {
  const { rows } = commonOf(a, b)
  const [own, other] = [sharesOf(a), sharesOf(b)]
  const n = Math.max(own.length, other.length)
  const apart = new Float64Array(n * n)
  for (let i = 0; i < own.length; i++) {
    for (let j = 0; j < other.length; j++) {
      for (const [row, place] of rows) {
        apart[i * n + j]! -= Math.min(own[i]![row]!, other[j]![place]!)
      }
    }
  }
  const common = assign(apart, n).reduce((sum, j, i) => sum - apart[i * n + j]!, 0)
  return Math.max(0, 1 - common)
}

/** Shares of the total, by part, then by row. */
function sharesOf({ values, columns }: Matrix): number[][] {
  const whole = values.flat().reduce((sum, value) => sum + value, 0)
  return columns.map((_, part) => values.map((row) => (whole > 0 ? row[part]! / whole : 0)))
}
