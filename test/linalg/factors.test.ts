import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assign } from '../../src/linalg/assignment.ts'
import { complexMatrix, solveComplex } from '../../src/linalg/complex.ts'
import { eigenvalues } from '../../src/linalg/eigenvalues.ts'
import { eigenvectors } from '../../src/linalg/eigenvectors.ts'
import { principal } from '../../src/linalg/principal.ts'
import { solve } from '../../src/linalg/solve.ts'
import { absorb, rowsIn, triangleRow, triangleSize, unpacked } from '../../src/linalg/triangular.ts'
import { random } from '../engine/frames.ts'

const factors = suite('factors of small matrices')

const near = (value: number, expected: number, within: number, what = ''): void =>
  assert.ok(Math.abs(value - expected) <= within, `${what} ${value}, expected ${expected}`)

/** XᵀX by rows, for X in rows of `width`. */
function gram(x: Float64Array, width: number): Float64Array {
  const out = new Float64Array(width * width)
  for (let at = 0; at < x.length; at += width) {
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) out[i * width + j]! += x[at + i]! * x[at + j]!
    }
  }
  return out
}

const matrix = (length: number, seed: number): Float64Array => {
  const next = random(seed)
  return Float64Array.from({ length }, next)
}

factors('a triangular factor takes rows in any portions and keeps RᵀR = XᵀX', () => {
  const width = 7
  const x = matrix(20 * width, 3)
  const expected = gram(x, width)
  for (const portion of [1, 3, 20]) {
    const factor = new Float64Array(triangleSize(width))
    for (let t = 0; t < 20; t += portion) {
      const rows = x.slice(t * width, (t + portion) * width)
      absorb(factor, width, rows, rows.length / width)
    }
    gram(unpacked(factor, width), width).forEach((value, i) => {
      near(value, expected[i]!, 1e-14, `portions of ${portion}`)
    })
  }
})

factors('two factors join as one of all their rows', () => {
  const width = 5
  const x = matrix(16 * width, 4)
  const factorOf = (from: number, to: number): Float64Array => {
    const factor = new Float64Array(triangleSize(width))
    absorb(factor, width, x.slice(from * width, to * width), to - from)
    return factor
  }
  const joined = factorOf(0, 9)
  absorb(joined, width, unpacked(factorOf(9, 16), width), width, true)
  gram(unpacked(joined, width), width).forEach((value, i) => {
    near(value, gram(x, width)[i]!, 1e-14)
  })
})

factors('columns without anything stay zero, huge and tiny ones do no harm', () => {
  const factor = new Float64Array(triangleSize(3))
  absorb(factor, 3, Float64Array.of(0, 3e200, 1, 0, 4e200, 0), 2)
  assert.is(factor[0], 0)
  near(Math.abs(factor[triangleRow(3, 1) + 1]!) / 5e200, 1, 1e-15)
  assert.ok(factor.every(Number.isFinite))
})

factors('a factor has rows up to the last that is not zero', () => {
  const width = 5
  const factor = new Float64Array(triangleSize(width))
  assert.is(rowsIn(factor, width), 0)
  factor[width - 1] = 1
  assert.is(rowsIn(factor, width), 1)
  factor[triangleRow(width, 2) + 2] = 1
  assert.is(rowsIn(factor, width), 3)
  assert.equal(unpacked(factor, width, 2, 3), Float64Array.of(0, 0, 1, 0, 0))
  factor[factor.length - 1] = 1
  assert.is(rowsIn(factor, width), width)
})

factors('real equations are solved to the bits of complex ones', () => {
  for (const [n, m] of [
    [1, 1],
    [4, 2],
    [11, 11],
  ] as const) {
    const a = matrix(n * n, n)
    // A pivot that has to be looked for.
    a[0] = 0.5 * Number(n === 1)
    const b = matrix(n * m, n + m)
    const x = b.slice()
    solve(a.slice(), x, n, m)
    const complex = { ...complexMatrix(n * m), re: b.slice() }
    solveComplex({ ...complexMatrix(n * n), re: a.slice() }, complex, n, m, 1e-300)
    assert.equal([...x], [...complex.re])
    b.forEach((value, at) => {
      let sum = 0
      for (let k = 0; k < n; k++) sum += a[Math.floor(at / m) * n + k]! * x[k * m + (at % m)]!
      near(sum, value, 1e-12)
    })
  }
})

factors('singular values that a sum of squares would lose come out', () => {
  // A = Q diag(1, 1e-5, 1e-10) Hᵀ for two reflections.
  const values = [1, 1e-5, 1e-10]
  const reflection = (v: number[]): number[][] => {
    const square = v.reduce((sum, x) => sum + x * x, 0)
    return v.map((x, i) => v.map((y, j) => Number(i === j) - (2 * x * y) / square))
  }
  const q = reflection([1, -2, 3])
  const h = reflection([2, 1, -1])
  const a = Float64Array.from({ length: 9 }, (_, at) =>
    values.reduce((sum, s, k) => sum + s * q[Math.floor(at / 3)]![k]! * h[at % 3]![k]!, 0)
  )
  const found = principal(a, 3, 3, 1e-13)!
  values.forEach((s, k) => {
    near(found.values[k]! / s, 1, 1e-15 / s)
    const along = found.vectors
      .subarray(3 * k, 3 * k + 3)
      .reduce((sum, x, i) => sum + x * h[i]![k]!, 0)
    near(Math.abs(along), 1, 1e-5)
  })
  assert.is(principal(a, 3, 3, 1e-8)!.values.length, 2, 'below the cut')
  assert.is(principal(new Float64Array(9), 3, 3, 1e-8)!.values.length, 0, 'nothing')
})

factors('a wide matrix of low rank gives its few directions', () => {
  const [rows, columns, rank] = [60, 80, 3]
  const [x, y] = [matrix(rows * rank, 1), matrix(rank * columns, 2)]
  const a = new Float64Array(rows * columns)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < rank; k++) a[i * columns + j]! += x[i * rank + k]! * y[k * columns + j]!
    }
  }
  const { values, vectors } = principal(a, rows, columns, 1e-12)!
  assert.is(values.length, rank)
  const energy = a.reduce((sum, value) => sum + value * value, 0)
  near(values.reduce((sum, s) => sum + s * s, 0) / energy, 1, 1e-14)
  const g = gram(vectors, columns)
  near(
    g.reduce((sum, value) => sum + value * value, 0),
    rank,
    1e-13,
    'orthonormal'
  )
})

factors('eigenvectors satisfy A v = λ v, of complex pairs too', () => {
  for (const n of [1, 2, 5, 12]) {
    const a = matrix(n * n, n)
    const values = eigenvalues(a, n)!
    const { right } = eigenvectors(a, n, values)
    values.forEach(({ re, im }, j) => {
      for (let i = 0; i < n; i++) {
        let real = 0
        let imaginary = 0
        for (let k = 0; k < n; k++) {
          real += a[i * n + k]! * right.re[k * n + j]!
          imaginary += a[i * n + k]! * right.im[k * n + j]!
        }
        near(real, re * right.re[i * n + j]! - im * right.im[i * n + j]!, 1e-13)
        near(imaginary, re * right.im[i * n + j]! + im * right.re[i * n + j]!, 1e-13)
      }
    })
  }
})

factors('the condition of an eigenvalue is that of its definition', () => {
  // Right eigenvectors (1, 0) and (1, s): each is 1 / sin of the angle between them.
  const s = 1e-3
  const a = Float64Array.of(1, 1 / s, 0, 2)
  const { conditions } = eigenvectors(a, 2, eigenvalues(a, 2)!)
  const expected = Math.hypot(1, s) / s
  near(conditions[0]! / expected, 1, 1e-9)
  near(conditions[1]! / expected, 1, 1e-9)
  const equal = Float64Array.of(2, 0, 0, 2)
  const same = eigenvectors(equal, 2, eigenvalues(equal, 2)!).conditions
  assert.ok(Math.max(...same) < 100, `two vectors to one eigenvalue: ${same}`)
  const defective = Float64Array.of(2, 1, 0, 2)
  assert.ok(eigenvectors(defective, 2, eigenvalues(defective, 2)!).conditions[0]! > 1e6)
})

factors('an assignment is the cheapest of all', () => {
  const orders = (n: number): number[][] =>
    n === 0
      ? [[]]
      : orders(n - 1).flatMap((rest) => rest.concat(0).map((_, at) => rest.toSpliced(at, 0, n - 1)))
  for (let seed = 1; seed <= 20; seed++) {
    const n = 1 + (seed % 6)
    const cost = matrix(n * n, seed)
    const priced = (columns: ArrayLike<number>): number =>
      Array.from(columns).reduce((sum, j, i) => sum + cost[i * n + j]!, 0)
    const least = Math.min(...orders(n).map(priced))
    near(priced(assign(cost, n)), least, 1e-12, `seed ${seed}`)
  }
  assert.is(assign(new Float64Array(), 0).length, 0)
})

factors.run()
