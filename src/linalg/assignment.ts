/**
 * The one-to-one assignment of n rows to n columns with the smallest total cost, by shortest augmenting paths (Jonker and Volgenant
 * 1987).
 *
 * @param cost n x n by rows, finite
 * @returns the column of each row
 */
export function assign(cost: Float64Array, n: number): Int32Array {
  return cheapest(cost, n) ?? augmented(cost, n)
}

/** The cheapest column of each row, if these are all different: then no assignment is cheaper. */
function cheapest(cost: Float64Array, n: number): Int32Array | undefined {
  const columns = new Int32Array(n)
  const taken = new Uint8Array(n)
  for (let i = 0; i < n; i++) {
    let best = 0
    for (let j = 1; j < n; j++) if (cost[i * n + j]! < cost[i * n + best]!) best = j
    if (taken[best]) return undefined
    taken[best] = 1
    columns[i] = best
  }
  return columns
}

function augmented(cost: Float64Array, n: number): Int32Array {
  // Prices of rows and columns. Index n stands for the row that is being assigned.
  const rowPrice = new Float64Array(n + 1)
  const columnPrice = new Float64Array(n + 1)
  const rowOf = new Int32Array(n + 1).fill(-1)
  const before = new Int32Array(n + 1)
  const distance = new Float64Array(n + 1)
  const done = new Uint8Array(n + 1)
  for (let row = 0; row < n; row++) {
    rowOf[n] = row
    distance.fill(Infinity)
    done.fill(0)
    let column = n
    do {
      done[column] = 1
      const i = rowOf[column]!
      let least = Infinity
      let next = n
      for (let j = 0; j < n; j++) {
        if (done[j]) continue
        const reduced = cost[i * n + j]! - rowPrice[i]! - columnPrice[j]!
        if (reduced < distance[j]!) {
          distance[j] = reduced
          before[j] = column
        }
        if (distance[j]! < least) {
          least = distance[j]!
          next = j
        }
      }
      for (let j = 0; j <= n; j++) {
        if (done[j]) {
          rowPrice[rowOf[j]!]! += least
          columnPrice[j]! -= least
        } else distance[j]! -= least
      }
      column = next
    } while (rowOf[column]! >= 0)
    while (column !== n) {
      rowOf[column] = rowOf[before[column]!]!
      column = before[column]!
    }
  }
  const columns = new Int32Array(n)
  for (let j = 0; j < n; j++) columns[rowOf[j]!] = j
  return columns
}
