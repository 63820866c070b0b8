/** For each column, the row that was chosen for it, or -1; and which rows were chosen. */
interface Chosen {
  readonly rowOf: Int32Array
  readonly isChosen: Int32Array
}

/** `svd_pivots` in plain TypeScript, with the same bits. Returns false if V is singular. */
export function choose(a: Float64Array, { rowOf, isChosen }: Chosen, largest: number): boolean {
  const count = rowOf.length
  rowOf.fill(-1)
  isChosen.fill(0)
  for (let step = 0; step < 2 * count; step++) {
    const isFull = step >= count
    const { i, j, size } = largestOf(a, isChosen, rowOf, isFull)
    if (isFull && size <= largest) break
    if (size === 0) return false
    if (isFull) isChosen[rowOf[j]!] = 0
    isChosen[i] = 1
    rowOf[j] = i
    clear(a, count, i, j)
  }
  return true
}

/** The largest entry among rows that are not chosen and, as long as there are any, columns without a row. */
function largestOf(
  a: Float64Array,
  isChosen: Int32Array,
  rowOf: Int32Array,
  isFull: boolean
): { i: number; j: number; size: number } {
  let [row, column, most] = [0, 0, 0]
  isChosen.forEach((chosen, i) => {
    if (chosen === 1) return
    rowOf.forEach((own, j) => {
      if (!isFull && own >= 0) return
      const size = Math.abs(a[i * rowOf.length + j]!)
      if (size <= most) return
      row = i
      column = j
      most = size
    })
  })
  return { i: row, j: column, size: most }
}

/** Makes row p a unit vector, with its 1 in column q, by subtracting multiples of that column. */
function clear(a: Float64Array, count: number, p: number, q: number): void {
  const row = a.slice(p * count, (p + 1) * count)
  for (let at = 0; at < a.length; at += count) {
    const factor = a[at + q]! / row[q]!
    if (factor === 0) continue
    for (let j = 0; j < count; j++) a[at + j]! -= factor * row[j]!
    a[at + q] = factor
  }
  a.fill(0, p * count, (p + 1) * count)
  a[p * count + q] = 1
}
