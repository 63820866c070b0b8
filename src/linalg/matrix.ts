// Small dense matrices, by rows in f64.

/** A B, both n x n. */
export function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const c = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k]!
      for (let j = 0; j < n; j++) c[i * n + j]! += factor * b[k * n + j]!
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
