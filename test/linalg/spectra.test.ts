import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Complex, eigenvalues } from '../../src/linalg/eigenvalues.ts'
import { multiply, power, upperIndex } from '../../src/linalg/matrix.ts'
import { singularValues } from '../../src/linalg/singular-values.ts'

const spectra = suite('spectra of small matrices')

interface Golden {
  readonly kind: string
  readonly n: number
  readonly seed: number
  readonly eigenvalues: readonly (readonly [number, number])[]
  readonly singularValues: readonly number[]
}
const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../golden/spectra.json', import.meta.url), 'utf8')
)

/** The matrices of `test/golden/spectra.py`. */
function matrixOf({ kind, n, seed }: Golden): Float64Array {
  let state = seed
  const next = (): number => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    return (state >>> 16) - 2 ** 15
  }
  const fill = (entry: (i: number, j: number) => number): Float64Array =>
    Float64Array.from({ length: n * n }, (_, at) => entry(Math.floor(at / n), at % n))
  if (kind === 'cyclic') return fill((i, j) => Number(i === (j + 1) % n))
  if (kind === 'companion') {
    const row = Array.from({ length: n }, next)
    return fill((i, j) => (i === 0 ? row[j]! : Number(i === j + 1)))
  }
  const a = fill(next)
  const across = (i: number, j: number): number => a[j * n + i]!
  switch (kind) {
    case 'symmetric':
      return fill((i, j) => a[i * n + j]! + across(i, j))
    case 'skew':
      return fill((i, j) => a[i * n + j]! - across(i, j))
    case 'triangular':
      return fill((i, j) => (i <= j ? a[i * n + j]! : 0))
    case 'graded':
      return fill((i, j) => a[i * n + j]! * 2 ** -i * 2 ** -j)
    default:
      return a
  }
}

/** The largest distance of a value from the one that is matched to it, nearest first come. */
function apart(values: readonly Complex[], expected: Golden['eigenvalues']): number {
  const rest = [...values]
  return expected.reduce((most, [re, im]) => {
    const distances = rest.map((value) => Math.hypot(value.re - re, value.im - im))
    const least = Math.min(...distances)
    rest.splice(distances.indexOf(least), 1)
    return Math.max(most, least)
  }, 0)
}

spectra('are those of LAPACK', () => {
  assert.is(golden.length, 56)
  for (const one of golden) {
    const { kind, n, singularValues: expected } = one
    const a = matrixOf(one)
    const values = eigenvalues(a, n)!
    assert.is(values.length, n)
    const norm = expected[0]!
    const off = apart(values, one.eigenvalues)
    assert.ok(off <= 1e-13 * norm, `${kind} ${n}: eigenvalues ${off / norm}`)
    const own = singularValues(a, n)
    expected.forEach((value, i) => {
      assert.ok(Math.abs(own[i]! - value) <= 4e-15 * n * norm, `${kind} ${n}: value ${i}`)
    })
  }
})

spectra('list eigenvalues by modulus, conjugates as exact pairs', () => {
  for (const one of golden) {
    const values = eigenvalues(matrixOf(one), one.n)!
    values.forEach(({ re, im }, i) => {
      const before = values[i - 1]
      if (before) assert.ok(before.re ** 2 + before.im ** 2 >= re ** 2 + im ** 2)
      if (im > 0) assert.equal(values[i + 1], { re, im: -im })
    })
  }
})

spectra('keep small singular values of scaled columns to relative accuracy', () => {
  // Columns of lengths 1, 1e-60, 1e-120 that are orthogonal but for a common direction.
  const a = Float64Array.of(1, 1e-60, 0, 0, 1e-60, 1e-120, 0, 0, 2e-120)
  const [first, second, third] = singularValues(a, 3)
  assert.ok(Math.abs(first! - 1) < 1e-15)
  assert.ok(Math.abs(second! / 1e-60 - 1) < 1e-15)
  assert.ok(Math.abs(third! / 2e-120 - 1) < 1e-15)
})

spectra('of nothing, of zero and of what is not finite are told apart', () => {
  assert.equal(eigenvalues(new Float64Array(0), 0), [])
  assert.equal([...singularValues(new Float64Array(0), 0)], [])
  assert.equal(eigenvalues(new Float64Array(4), 2), [
    { re: 0, im: 0 },
    { re: 0, im: 0 },
  ])
  assert.equal([...singularValues(new Float64Array(4), 2)], [0, 0])
  assert.is(eigenvalues(Float64Array.of(1, Number.NaN, 0, 1), 2), undefined)
  assert.is(eigenvalues(Float64Array.of(1, Infinity, 0, 1), 2), undefined)
})

spectra('of a defective matrix are right to the root of rounding', () => {
  // A single eigenvector to the double eigenvalue 2, seen through a change of basis.
  const values = eigenvalues(Float64Array.of(3, 1, 0, -1, 1, 0, 5, 7, 1), 3)!
  const expected = [2, 2, 1]
  values.forEach(({ re, im }, i) => {
    assert.ok(Math.hypot(re - expected[i]!, im) < 1e-7)
  })
})

spectra('powers are products', () => {
  const a = matrixOf({ kind: 'dense', n: 3, seed: 9, eigenvalues: [], singularValues: [] })
  let product = a
  for (let k = 1; k <= 13; k++) {
    power(a, 3, k).forEach((value, i) => {
      const scale = Math.abs(product[i]!) + 3 ** k * 2 ** (15 * k)
      assert.ok(Math.abs(value - product[i]!) <= 1e-14 * scale)
    })
    product = multiply(product, a, 3)
  }
})

spectra('products may be of more rows, and of the first columns alone, in wider rows', () => {
  const a = Float64Array.of(1, 2, 0, 1, 3, 0)
  const b = Float64Array.of(5, 6, 7, 8)
  assert.equal([...multiply(a, b, 2, 3)], [19, 22, 7, 8, 15, 18])
  assert.equal([...multiply(a, b, 2, 3, 1, 2)], [19, 0, 7, 0, 15, 0])
})

spectra('entries of a packed symmetric matrix are found by either index', () => {
  const packed = [11, 12, 13, 22, 23, 33]
  for (const [i, j] of [
    [0, 0],
    [0, 2],
    [1, 2],
    [2, 1],
    [2, 2],
  ] as const) {
    assert.is(packed[upperIndex(3, i, j)], 10 * (Math.min(i, j) + 1) + Math.max(i, j) + 1)
  }
})

spectra.run()
