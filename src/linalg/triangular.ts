/**
 * Upper triangular factors R of `width` columns, packed by rows, that represent sums of outer products: RᵀR = XᵀX over all rows X
 * absorbed so far. Errors are of the size of rounding times ‖X‖, not ‖X‖². So directions far below the square root of rounding are
 * still resolved, which sums of squares would lose.
 *
 * @module
 */

/** Number of entries in a triangle with its diagonal. */
export const triangleSize = (width: number): number => (width * (width + 1)) / 2

/** Index at which row i of a packed factor would have its column 0. Entry (i, j) is j further. */
export const triangleRow = (width: number, i: number): number => i * width - (i * (i + 1)) / 2

/**
 * Absorbs rows into a factor, by Householder reflections.
 *
 * @param rows `count` rows of `width`, one after another; they are overwritten
 * @param ragged true if row i has zeros before its column i, which saves most of the work
 */
export function absorb(
  factor: Float64Array,
  width: number,
  rows: Float64Array,
  count: number,
  ragged = false
): void {
  const v = new Float64Array(count + 1)
  const along = new Float64Array(width)
  for (let j = 0; j < width; j++) {
    const used = ragged ? Math.min(count, j + 1) : count
    const row = triangleRow(width, j)
    const head = factor[row + j]!
    let largest = 0
    for (let i = 0; i < used; i++) largest = Math.max(largest, Math.abs(rows[i * width + j]!))
    if (largest === 0) continue
    largest = Math.max(largest, Math.abs(head))
    let square = (head / largest) * (head / largest)
    for (let i = 0; i < used; i++) {
      v[i] = rows[i * width + j]! / largest
      square += v[i]! * v[i]!
    }
    const norm = Math.sqrt(square)
    const first = head / largest + (head < 0 ? -norm : norm)
    const scale = 2 / (square - (head / largest) * (head / largest) + first * first)
    factor[row + j] = head < 0 ? norm * largest : -norm * largest
    for (let c = j + 1; c < width; c++) along[c] = first * factor[row + c]!
    // Two rows at a time, so that the sums are loaded half as often. If the number of rows is odd, v is 0 after the last one.
    v[used] = 0
    for (let i = 0; i < used; i += 2) {
      const [p, q] = [v[i]!, v[i + 1]!]
      if (p === 0 && q === 0) continue
      const one = i * width
      const other = q === 0 ? one : one + width
      for (let c = j + 1; c < width; c++) {
        along[c] = along[c]! + p * rows[one + c]! + q * rows[other + c]!
      }
    }
    for (let c = j + 1; c < width; c++) {
      along[c]! *= scale
      factor[row + c]! -= first * along[c]!
    }
    for (let i = 0; i < used; i++) {
      const value = v[i]!
      if (value === 0) continue
      for (let c = j + 1, at = i * width + c; c < width; c++, at++) rows[at]! -= value * along[c]!
    }
  }
}

/** Number of rows of a packed factor up to the last that is not zero. */
export function rowsIn(factor: Float64Array, width: number): number {
  let end = factor.length
  while (end > 0 && factor[end - 1] === 0) end--
  let rows = 0
  while (rows < width && triangleRow(width, rows) + rows < end) rows++
  return rows
}

/** Full rows `from` to `to` of a packed factor, including the zeros before the diagonal. */
export function unpacked(factor: Float64Array, width: number, from = 0, to = width): Float64Array {
  const rows = new Float64Array((to - from) * width)
  for (let i = from; i < to; i++) {
    const row = triangleRow(width, i)
    rows.set(factor.subarray(row + i, row + width), (i - from) * width + i)
  }
  return rows
}
