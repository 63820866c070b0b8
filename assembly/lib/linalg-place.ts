// Moves parts of small matrices of f64 by rows. Elements are copied, multiplied once or added once, so all builds and the reference give the
// same bits. No scratch.

/**
 * C <- factor A, or with `isAdded` C <- C + factor A, for `rows` x `columns`. `ofC` bytes lie between the rows of C. In A, `ofA` bytes lie
 * between rows and `beside` bytes between columns, so A may be stored by columns. C and A may be the same part.
 */
export function place(
  c: usize,
  ofC: usize,
  a: usize,
  ofA: usize,
  beside: usize,
  rows: i32,
  columns: i32,
  factor: f64,
  isAdded: bool
): void {
  const width = (<usize>columns) << 3
  for (let i = 0; i < rows; i++, c += ofC, a += ofA) {
    let from = a
    for (let j: usize = 0; j < width; j += 8, from += beside) {
      const value = factor * load<f64>(from)
      store<f64>(c + j, isAdded ? load<f64>(c + j) + value : value)
    }
  }
}

/** Copies what is above the diagonal of A, n x n with `ofA` bytes between its rows, to below it. */
export function mirror(a: usize, ofA: usize, n: i32): void {
  for (let i: usize = 1; i < <usize>n; i++) {
    let from = a + 8 * i
    const to = a + i * ofA
    for (let j: usize = 0; j < i; j++, from += ofA) store<f64>(to + 8 * j, load<f64>(from))
  }
}
