/**
 * Solves A X = B in place of B for real A and B (n x n, by rows), by Gauss' elimination with partial pivoting; A is overwritten. A
 * pivot of zero is taken for `least`, so that a singular A gives large finite values.
 */
export function solve(a: Float64Array, b: Float64Array, n: number, least: number): void {
  for (let k = 0; k < n; k++) {
    let best = k
    for (let i = k + 1; i < n; i++) {
      if (Math.abs(a[i * n + k]!) > Math.abs(a[best * n + k]!)) best = i
    }
    if (best !== k) for (const values of [a, b]) exchangeRows(values, k * n, best * n, n)
    const inverse = 1 / (a[k * n + k]! || least)
    a[k * n + k] = inverse
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k]! * inverse
      if (factor === 0) continue
      for (let c = k + 1; c < n; c++) a[i * n + c]! -= factor * a[k * n + c]!
      for (let c = 0; c < n; c++) b[i * n + c]! -= factor * b[k * n + c]!
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let i = k + 1; i < n; i++) {
      const factor = a[k * n + i]!
      for (let c = 0; c < n; c++) b[k * n + c]! -= factor * b[i * n + c]!
    }
    for (let c = k * n; c < (k + 1) * n; c++) b[c]! *= a[k * n + k]!
  }
}

function exchangeRows(values: Float64Array, one: number, other: number, n: number): void {
  for (let c = 0; c < n; c++) {
    const kept = values[one + c]!
    values[one + c] = values[other + c]!
    values[other + c] = kept
  }
}
