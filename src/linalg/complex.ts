import { exchange } from './vector.ts'

/** An n x n complex matrix, or n vectors, by rows, in two arrays for real and imaginary parts. */
export interface ComplexMatrix {
  readonly re: Float64Array
  readonly im: Float64Array
}

export const complexMatrix = (length: number): ComplexMatrix => ({
  re: new Float64Array(length),
  im: new Float64Array(length),
})

/**
 * Solves A X = B in place of B for complex A (n x n) and B (n x m, by rows), by Gaussian elimination with partial pivoting. A is
 * overwritten. A pivot below `least` is replaced by `least`, so that a singular A gives large finite values, as inverse iteration
 * needs.
 */
export function solveComplex(
  a: ComplexMatrix,
  b: ComplexMatrix,
  n: number,
  m: number,
  least: number
): void {
  for (let k = 0; k < n; k++) {
    exchangeRows(a, b, n, m, k, pivotOf(a, n, k))
    let pr = a.re[k * n + k]!
    let pi = a.im[k * n + k]!
    let square = pr * pr + pi * pi
    if (square < least * least) {
      pr = least
      pi = 0
      square = least * least
    }
    const ir = pr / square
    const ii = -pi / square
    a.re[k * n + k] = ir
    a.im[k * n + k] = ii
    for (let i = k + 1; i < n; i++) {
      const [ar, ai] = [a.re[i * n + k]!, a.im[i * n + k]!]
      if (ar === 0 && ai === 0) continue
      const fr = ar * ir - ai * ii
      const fi = ar * ii + ai * ir
      subtract(a, i * n, k * n, k + 1, n, fr, fi)
      subtract(b, i * m, k * m, 0, m, fr, fi)
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let i = k + 1; i < n; i++) {
      subtract(b, k * m, i * m, 0, m, a.re[k * n + i]!, a.im[k * n + i]!)
    }
    const [ir, ii] = [a.re[k * n + k]!, a.im[k * n + k]!]
    for (let c = k * m; c < (k + 1) * m; c++) {
      const [br, bi] = [b.re[c]!, b.im[c]!]
      b.re[c] = br * ir - bi * ii
      b.im[c] = br * ii + bi * ir
    }
  }
}

function pivotOf({ re, im }: ComplexMatrix, n: number, k: number): number {
  let best = k
  let largest = -1
  for (let i = k; i < n; i++) {
    const size = Math.abs(re[i * n + k]!) + Math.abs(im[i * n + k]!)
    if (size > largest) {
      largest = size
      best = i
    }
  }
  return best
}

function exchangeRows(
  a: ComplexMatrix,
  b: ComplexMatrix,
  n: number,
  m: number,
  k: number,
  p: number
): void {
  if (k === p) return
  for (const [matrix, width] of [
    [a, n],
    [b, m],
  ] as const) {
    exchange(matrix.re, k * width, p * width, width)
    exchange(matrix.im, k * width, p * width, width)
  }
}

/** Subtracts from the row at `to` a complex factor times the row at `from`, in columns [first, last). */
function subtract(
  { re, im }: ComplexMatrix,
  to: number,
  from: number,
  first: number,
  last: number,
  fr: number,
  fi: number
): void {
  for (let c = first; c < last; c++) {
    const [xr, xi] = [re[from + c]!, im[from + c]!]
    re[to + c]! -= fr * xr - fi * xi
    im[to + c]! -= fr * xi + fi * xr
  }
}
