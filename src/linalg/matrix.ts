// Small dense matrices, by rows in f64.

/**
 * The first `columns` columns of A B, for A of `rows` x n and B n x n, in rows of `pitch`, what is beyond them zero.
 */
export function multiply(
  a: Float64Array,
  b: Float64Array,
  n: number,
  rows = n,
  columns = n,
  pitch = columns
): Float64Array {
  const c = new Float64Array(rows * pitch)
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k]!
      if (factor === 0) continue
      for (let j = 0; j < columns; j++) c[i * pitch + j]! += factor * b[k * n + j]!
    }
  }
  return c
}

/**
 * C += A B for A of `rows` x n, B of n x `columns`; `pitches` are the distances between the rows of C, A and B. Four rows of B
 * at a time, which takes half the time of one.
 */
export function addProduct(
  c: Float64Array,
  a: Float64Array,
  b: Float64Array,
  [rows, n, columns]: readonly [rows: number, n: number, columns: number],
  [ofC, ofA, ofB]: readonly [c: number, a: number, b: number]
): void {
  for (let i = 0; i < rows; i++) {
    const from = i * ofA
    const to = i * ofC
    let k = 0
    for (; k + 4 <= n; k += 4) {
      const [p, q, r, s] = [a[from + k]!, a[from + k + 1]!, a[from + k + 2]!, a[from + k + 3]!]
      if (p === 0 && q === 0 && r === 0 && s === 0) continue
      const first = k * ofB
      const second = first + ofB
      const third = second + ofB
      const fourth = third + ofB
      for (let j = 0; j < columns; j++) {
        c[to + j]! +=
          p * b[first + j]! + q * b[second + j]! + (r * b[third + j]! + s * b[fourth + j]!)
      }
    }
    for (; k < n; k++) {
      const factor = a[from + k]!
      for (let j = 0; j < columns; j++) c[to + j]! += factor * b[k * ofB + j]!
    }
  }
}

/** The `exponent`-th power of an n x n matrix, `exponent` >= 1, by squaring. */
export function power(a: Float64Array, n: number, exponent: number): Float64Array {
  let square = a
  let product: Float64Array | undefined
  for (let rest = exponent; ; square = multiply(square, square, n)) {
    if (rest % 2 === 1) product = product ? multiply(product, square, n) : square
    rest = Math.floor(rest / 2)
    if (rest === 0) return product!
  }
}

/** Index of entry i, j of a symmetric n x n matrix whose upper triangle is packed by rows. */
export function upperIndex(n: number, i: number, j: number): number {
  return i <= j ? i * n - (i * (i - 1)) / 2 + j - i : upperIndex(n, j, i)
}
