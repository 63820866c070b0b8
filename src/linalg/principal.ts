import { type RowSweeps, turnAllRows } from './row-sweeps.ts'
import { norm } from './vector.ts'

/** The leading right singular vectors of a matrix, and its singular values. */
export interface Principal {
  /** Singular values above the cut, largest first. */
  readonly values: Float64Array
  /** One vector of `columns` after another. */
  readonly vectors: Float64Array
}

/**
 * Singular values above `cut` times the largest, and the right singular vectors, of A (`rows` x `columns`, by rows). The method is
 * Householder QR with column pivoting down to the cut, A P ≈ Q S, then one-sided Jacobi on the few rows of S. Nothing is squared,
 * so everything above the rounding error of ‖A‖ is resolved. Undefined if the sweeps do not converge.
 *
 * @param sweeps rotates the pairs of rows
 */
export function principal(
  a: Float64Array,
  rows: number,
  columns: number,
  cut: number,
  sweeps: RowSweeps = turnAllRows
): Principal | undefined {
  const { s, rank, order } = pivoted(a.slice(), rows, columns, cut)
  if (!sweeps(s.subarray(0, rank * columns), rank, columns)) return undefined
  const norms = Array.from({ length: rank }, (_, i) =>
    norm(s.subarray(i * columns, (i + 1) * columns))
  )
  const most = norms.reduce((largest, norm) => Math.max(largest, norm), 0)
  const kept = norms
    .map((norm, i) => ({ norm, i }))
    .filter(({ norm }) => norm > cut * most)
    .sort((x, y) => y.norm - x.norm)
  const vectors = new Float64Array(kept.length * columns)
  kept.forEach(({ norm, i }, k) => {
    for (let c = 0; c < columns; c++) {
      vectors[k * columns + order[c]!] = s[i * columns + c]! / norm
    }
  })
  return { values: Float64Array.from(kept, ({ norm }) => norm), vectors }
}

/** S of A P ≈ Q S, with `rank` rows. It overwrites A. Column c of A P is column `order[c]` of A. */
function pivoted(a: Float64Array, rows: number, columns: number, cut: number) {
  const order = Array.from({ length: columns }, (_, c) => c)
  const squares = new Float64Array(columns)
  let first = 0
  let rank = 0
  for (; rank < Math.min(rows, columns); rank++) {
    squares.fill(0)
    for (let i = rank; i < rows; i++) {
      for (let c = rank; c < columns; c++) squares[c]! += a[i * columns + c]! * a[i * columns + c]!
    }
    let left = 0
    let pivot = rank
    for (let c = rank; c < columns; c++) {
      left += squares[c]!
      if (squares[c]! > squares[pivot]!) pivot = c
    }
    const largest = squares[pivot]!
    if (rank === 0) first = left
    if (largest === 0 || left < (cut * cut * first) / columns) break
    if (pivot !== rank) {
      for (let i = 0; i < rows; i++) exchange(a, i * columns + rank, i * columns + pivot)
      exchange(order, rank, pivot)
    }
    reflect(a, rows, columns, rank, Math.sqrt(largest))
  }
  return { s: a, rank, order }
}

function exchange(values: Float64Array | number[], i: number, j: number): void {
  const kept = values[i]!
  values[i] = values[j]!
  values[j] = kept
}

/** Reflects column k, whose part from row k on has this norm, to the axis of row k. */
function reflect(a: Float64Array, rows: number, columns: number, k: number, norm: number): void {
  const v = new Float64Array(rows)
  for (let i = k; i < rows; i++) v[i] = a[i * columns + k]! / norm
  const sign = v[k]! < 0 ? -1 : 1
  v[k]! += sign
  const along = new Float64Array(columns)
  for (let i = k; i < rows; i++) {
    const value = v[i]!
    for (let c = k; c < columns; c++) along[c]! += value * a[i * columns + c]!
  }
  const scale = 1 / Math.abs(v[k]!)
  for (let i = k; i < rows; i++) {
    const value = v[i]! * scale
    for (let c = k; c < columns; c++) a[i * columns + c]! -= value * along[c]!
  }
  for (let i = k + 1; i < rows; i++) a[i * columns + k] = 0
}
