import { type ComplexMatrix, complexMatrix, solveComplex } from './complex.ts'
import type { Complex } from './eigenvalues.ts'

const unit = 2 ** -52

/** The right and left eigenvectors of a real matrix. */
export interface Eigenvectors {
  /** Columns of unit norm, n x n by rows. */
  readonly right: ComplexMatrix
  /** Rows, which form the inverse of `right`. */
  readonly left: ComplexMatrix
  /**
   * ‖left row‖ of each eigenvalue: the factor by which an error of the matrix may be amplified in it. It is 1 if the eigenvector is
   * orthogonal to all others, and large if it is nearly parallel to some.
   */
  readonly conditions: Float64Array
}

/**
 * Eigenvectors of a real n x n matrix (by rows) for its eigenvalues, in which conjugate pairs are adjacent. The method is inverse
 * iteration. Each vector has a start of its own, so that equal eigenvalues get different vectors if these exist.
 */
export function eigenvectors(
  matrix: Float64Array,
  n: number,
  values: readonly Complex[]
): Eigenvectors {
  const norm = matrix.reduce((sum, value) => sum + Math.abs(value), 0)
  const right = complexMatrix(n * n)
  values.forEach((value, j) => {
    const previous = values[j - 1]
    const conjugate = previous && previous.im === -value.im && previous.re === value.re
    if (value.im < 0 && conjugate) {
      for (let i = 0; i < n; i++) {
        right.re[i * n + j] = right.re[i * n + j - 1]!
        right.im[i * n + j] = -right.im[i * n + j - 1]!
      }
      return
    }
    const vector = inverseIteration(matrix, n, value, j, norm)
    for (let i = 0; i < n; i++) {
      right.re[i * n + j] = vector.re[i]!
      right.im[i * n + j] = vector.im[i]!
    }
  })
  const left = complexMatrix(n * n)
  for (let i = 0; i < n; i++) left.re[i * n + i] = 1
  solveComplex({ re: right.re.slice(), im: right.im.slice() }, left, n, n, unit)
  const conditions = Float64Array.from({ length: n }, (_, j) => {
    let square = 0
    for (let c = j * n; c < (j + 1) * n; c++)
      square += left.re[c]! * left.re[c]! + left.im[c]! * left.im[c]!
    return Math.sqrt(square)
  })
  return { right, left, conditions }
}

function inverseIteration(
  matrix: Float64Array,
  n: number,
  { re, im }: Complex,
  seed: number,
  norm: number
): ComplexMatrix {
  const x = complexMatrix(n)
  for (let i = 0; i < n; i++) x.re[i] = 1 + ((i * (2 * seed + 3) + seed) % (n + 1)) / (n + 1)
  for (let turn = 0; turn < 3; turn++) {
    const shifted = { re: matrix.slice(), im: new Float64Array(n * n) }
    for (let i = 0; i < n; i++) {
      shifted.re[i * n + i]! -= re
      shifted.im[i * n + i] = -im
    }
    solveComplex(shifted, x, n, 1, unit * (norm || 1))
    normalise(x)
  }
  return x
}

function normalise({ re, im }: ComplexMatrix): void {
  let largest = 0
  for (let i = 0; i < re.length; i++) {
    largest = Math.max(largest, Math.abs(re[i]!), Math.abs(im[i]!))
  }
  let square = 0
  for (let i = 0; i < re.length; i++) {
    re[i]! /= largest
    im[i]! /= largest
    square += re[i]! * re[i]! + im[i]! * im[i]!
  }
  const length = Math.sqrt(square)
  for (let i = 0; i < re.length; i++) {
    re[i]! /= length
    im[i]! /= length
  }
}
