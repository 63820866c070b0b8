/** Entries of C that are no larger than this are left; the search stops there. */
const largest = 1.5

/** Columns S of M, of whose products with V the others' are small multiples: V_R = C V_S. */
export interface Pivots {
  /** For each column of the basis, the row of V that stands for it. */
  readonly chosen: Int32Array
  /** All other rows of V, in order. */
  readonly rest: Int32Array
  /** C, a row for each of `rest`. */
  readonly coefficients: Float64Array
  /** V_S⁻¹, by rows. */
  readonly inverse: Float64Array
}

/**
 * Chooses `count` rows of V, `rows` x `count` of full rank, so that they nearly span the largest volume (Gu and Eisenstat 1996): by
 * Gauss-Jordan steps with complete pivoting, then by exchanges while an entry of C is above `largest`. Chosen rows whose number
 * is below `count` keep it as their place. Undefined where V is singular.
 */
export function pivotsOf(v: Float64Array, rows: number, count: number): Pivots | undefined {
  // V above the identity: what makes a chosen row a unit vector makes of the identity the inverse.
  const a = new Float64Array((rows + count) * count)
  a.set(v)
  for (let j = 0; j < count; j++) a[(rows + j) * count + j] = 1
  const rowOf = new Int32Array(count).fill(-1)
  const isChosen = new Uint8Array(rows)
  for (let step = 0; step < 2 * count; step++) {
    const isFull = step >= count
    const { i, j, size } = largestOf(a, rows, count, isChosen, isFull ? undefined : rowOf)
    if (isFull && size <= largest) break
    if (size === 0) return undefined
    if (isFull) isChosen[rowOf[j]!] = 0
    isChosen[i] = 1
    rowOf[j] = i
    clear(a, rows + count, count, i, j)
  }
  const rest = Int32Array.from(Array.from(isChosen.keys()).filter((i) => isChosen[i] === 0))
  const columns = placed(rowOf, isChosen)
  const part = (from: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: from.length * count }, (_, at) => {
      const i = from[Math.floor(at / count)]!
      return a[i * count + columns[at % count]!]!
    })
  return {
    chosen: Int32Array.from(columns, (j) => rowOf[j]!),
    rest,
    coefficients: part(rest),
    inverse: part(Array.from({ length: count }, (_, j) => rows + j)),
  }
}

/** The largest entry among rows that are not chosen and, where these are given, columns without a row. */
function largestOf(
  a: Float64Array,
  rows: number,
  count: number,
  isChosen: Uint8Array,
  rowOf: Int32Array | undefined
): { i: number; j: number; size: number } {
  let [row, column, most] = [0, 0, 0]
  for (let i = 0; i < rows; i++) {
    if (isChosen[i] === 1) continue
    for (let j = 0; j < count; j++) {
      if (rowOf !== undefined && rowOf[j]! >= 0) continue
      const size = Math.abs(a[i * count + j]!)
      if (size <= most) continue
      row = i
      column = j
      most = size
    }
  }
  return { i: row, j: column, size: most }
}

/** Makes row p a unit vector, 1 in column q, by multiples of that column. */
function clear(a: Float64Array, rows: number, count: number, p: number, q: number): void {
  const row = a.slice(p * count, (p + 1) * count)
  for (let i = 0; i < rows; i++) {
    const at = i * count
    const factor = a[at + q]! / row[q]!
    if (factor === 0) continue
    for (let j = 0; j < count; j++) a[at + j]! -= factor * row[j]!
    a[at + q] = factor
  }
  a.fill(0, p * count, (p + 1) * count)
  a[p * count + q] = 1
}

/** The columns in the order of their places: a row below `count` is at its own, the others take what is free. */
function placed(rowOf: Int32Array, isChosen: Uint8Array): number[] {
  const count = rowOf.length
  const moved = Array.from(rowOf.keys()).filter((j) => rowOf[j]! >= count)
  return Array.from({ length: count }, (_, place) =>
    isChosen[place] === 1 ? rowOf.indexOf(place) : moved.shift()!
  )
}
