// Small dense matrices, by rows in f64.

/**
 * The first `columns` columns of A B, for A of `rows` x n and B n x n. The rows of the result are `pitch` long, with zeros at the
 * end.
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

/** Whether an n x n matrix (by rows) is exactly the identity. */
export function isIdentity(a: Float64Array, n: number): boolean {
  if (a.length !== n * n) return false
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = 0; j < n; j++, at++) if (a[at] !== (i === j ? 1 : 0)) return false
  }
  return true
}

/** The diagonal of a symmetric n x n matrix whose upper triangle is packed by rows. */
export function diagonal(packed: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => packed[upperIndex(n, i, i)]!)
}

/** A symmetric n x n matrix by rows, from its upper triangle packed by rows. */
export function mirrored(packed: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n)
  for (let i = 0, at = 0; i < n; i++) {
    for (let j = i; j < n; j++, at++) out[i * n + j] = out[j * n + i] = packed[at]!
  }
  return out
}

/** Index of entry i, j of a symmetric n x n matrix whose upper triangle is packed by rows. */
export function upperIndex(n: number, i: number, j: number): number {
  return i <= j ? i * n - (i * (i - 1)) / 2 + j - i : upperIndex(n, j, i)
}
