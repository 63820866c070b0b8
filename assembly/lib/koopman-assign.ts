// The one-to-one assignment of least cost. The bits equal those of `src/linalg/assignment.ts`; of equally cheap assignments it chooses the
// same one.

/** Costs: the distances in the plane from n pairs of f64 to n others, n x n by rows. @inline */
function distances(values: usize, found: usize, n: i32, cost: usize): void {
  const pairs = (<usize>n) << 4
  for (let i = values; i < values + pairs; i += 16) {
    for (let j = found; j < found + pairs; j += 16, cost += 8) {
      const apart = f64x2.sub(v128.load(i), v128.load(j))
      const squares = f64x2.mul(apart, apart)
      const square = f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1)
      store<f64>(cost, sqrt<f64>(square))
    }
  }
}

/**
 * Writes the cheapest column of each row to `columns`. Returns false if two rows want the same column. Scratch: `taken`, n bytes. @inline
 */
function cheapest(cost: usize, n: i32, columns: usize, taken: usize): bool {
  memory.fill(taken, 0, n)
  for (let i = 0; i < n; i++, cost += (<usize>n) << 3) {
    let best = 0
    let least = load<f64>(cost)
    for (let j = 1; j < n; j++) {
      const own = load<f64>(cost + ((<usize>j) << 3))
      if (own < least) {
        least = own
        best = j
      }
    }
    if (load<u8>(taken + best)) return false
    store<u8>(taken + best, 1)
    store<i32>(columns + ((<usize>i) << 2), best)
  }
  return true
}

/**
 * Assigns by shortest augmenting paths; place n stands for the row that is being assigned. `work` holds 3 (n + 1) numbers of f64, zero at
 * first: prices of rows and columns, distances; then of i32: rows of columns, previous columns, done. @inline
 */
function augmented(cost: usize, n: i32, columns: usize, work: usize): void {
  const places = <usize>(n + 1)
  const rowPrice = work
  const columnPrice = rowPrice + (places << 3)
  const distance = columnPrice + (places << 3)
  const rowOf = distance + (places << 3)
  const before = rowOf + (places << 2)
  const done = before + (places << 2)
  memory.fill(rowPrice, 0, places << 4)
  memory.fill(rowOf, 0xff, places << 2)
  for (let row = 0; row < n; row++) {
    store<i32>(rowOf + ((<usize>n) << 2), row)
    for (let j: usize = 0; j < places; j++) store<f64>(distance + (j << 3), Infinity)
    memory.fill(done, 0, places << 2)
    let column = n
    do {
      store<i32>(done + ((<usize>column) << 2), 1)
      const i = load<i32>(rowOf + ((<usize>column) << 2))
      const price = load<f64>(rowPrice + ((<usize>i) << 3))
      const costs = cost + ((<usize>(i * n)) << 3)
      let least: f64 = Infinity
      let next = n
      for (let j = 0; j < n; j++) {
        const whole = (<usize>j) << 2
        if (load<i32>(done + whole)) continue
        const at = (<usize>j) << 3
        const reduced = load<f64>(costs + at) - price - load<f64>(columnPrice + at)
        if (reduced < load<f64>(distance + at)) {
          store<f64>(distance + at, reduced)
          store<i32>(before + whole, column)
        }
        if (load<f64>(distance + at) < least) {
          least = load<f64>(distance + at)
          next = j
        }
      }
      for (let j: usize = 0; j < places; j++) {
        const at = j << 3
        if (load<i32>(done + (j << 2))) {
          const own = rowPrice + ((<usize>load<i32>(rowOf + (j << 2))) << 3)
          store<f64>(own, load<f64>(own) + least)
          store<f64>(columnPrice + at, load<f64>(columnPrice + at) - least)
        } else store<f64>(distance + at, load<f64>(distance + at) - least)
      }
      column = next
    } while (load<i32>(rowOf + ((<usize>column) << 2)) >= 0)
    while (column !== n) {
      const back = load<i32>(before + ((<usize>column) << 2))
      store<i32>(rowOf + ((<usize>column) << 2), load<i32>(rowOf + ((<usize>back) << 2)))
      column = back
    }
  }
  for (let j = 0; j < n; j++) {
    store<i32>(columns + ((<usize>load<i32>(rowOf + ((<usize>j) << 2))) << 2), j)
  }
}

/**
 * Assigns one of n found values to each of n values, so that the sum of their distances is least. Writes the number of the found one for
 * each value to `columns`, i32. Values are pairs of f64. Scratch: `work`, n² + 5 (n + 1) numbers.
 */
export function koopman_assign(
  values: usize,
  found: usize,
  n: i32,
  columns: usize,
  work: usize
): void {
  distances(values, found, n, work)
  const rest = work + ((<usize>(n * n)) << 3)
  if (!cheapest(work, n, columns, rest)) augmented(work, n, columns, rest)
}
