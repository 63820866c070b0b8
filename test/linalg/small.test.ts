import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena, type KernelKind, kernelKind } from '../../src/kernels/arena.ts'
import { householderEigen, householderWork } from '../../src/linalg/householder.ts'
import { jacobi, sweepsIn, sweepsWork } from '../../src/linalg/jacobi.ts'
import { linalgKernels } from '../../src/linalg/kernels.gen.ts'
import {
  addPart,
  addProduct,
  matricesAt,
  matrixBytes,
  mirror,
  part,
  place,
  turned,
} from '../../src/linalg/products.ts'
import { random } from '../engine/frames.ts'

const small = suite('small matrices')

const kinds: KernelKind[] =
  kernelKind('fast') === 'relaxed' ? ['base', 'relaxed', 'js'] : ['base', 'js']

/** C + A B of numbers of their own in larger matrices, and what it is by sums of three loops. */
function productOf(
  kind: KernelKind,
  [rows, n, columns]: [number, number, number],
  isTurned: boolean
) {
  const ofA = (isTurned ? [n + 1, rows + 2] : [rows + 1, n + 2]) as [number, number]
  const shapes = {
    a: ofA,
    b: [n + 2, columns + 3],
    c: [rows + 1, columns + 1],
  } as const
  const arena = new Arena(matrixBytes(shapes) + 64, kind)
  const { a, b, c } = matricesAt(arena, arena.take(matrixBytes(shapes)), shapes)
  const next = random(rows + n + columns)
  for (const { values } of [a, b, c]) values.set(values.map(next))
  // Four columns of a row of A that are passed over.
  for (let k = 0; k < Math.min(n, 4); k++) {
    const [i, j] = isTurned ? [k, 0] : [0, k]
    a.values[(i + 1) * a.pitch + j + 1] = 0
  }
  const expected = Array.from(c.values)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < n; k++) {
        const [row, column] = isTurned ? [k, i] : [i, k]
        const left = a.values[(row + 1) * a.pitch + column + 1]!
        expected[(i + 1) * c.pitch + j + 1]! += left * b.values[(k + 1) * b.pitch + j + 2]!
      }
    }
  }
  const left = part(a, 1, 1)
  const kernels = arena.kernels(linalgKernels)
  addProduct(kernels, part(c, 1, 1), isTurned ? turned(left) : left, part(b, 1, 2), [
    rows,
    n,
    columns,
  ])
  return { found: [...c.values], expected }
}

small('products are what three loops make, to the same bits in every build', () => {
  for (const shape of [
    [1, 1, 1],
    [3, 4, 2],
    [5, 11, 7],
    [38, 38, 16],
  ] as [number, number, number][]) {
    for (const isTurned of [false, true]) {
      const { found, expected } = productOf('base', shape, isTurned)
      found.forEach((value, i) => {
        assert.ok(Math.abs(value - expected[i]!) < 1e-14 * (shape[1] + 1), `${shape}: number ${i}`)
      })
      for (const kind of kinds) assert.equal(productOf(kind, shape, isTurned).found, found, kind)
    }
  }
})

/** What comes of placing a part of one matrix in another, which has garbage around it. */
function placedBy(kind: KernelKind, isTurned: boolean, isAdded: boolean) {
  const shapes = { a: [7, 9], c: [8, 11] } as const
  const arena = new Arena(matrixBytes(shapes) + 64, kind)
  const { a, c } = matricesAt(arena, arena.take(matrixBytes(shapes)), shapes)
  const next = random(3)
  a.values.set(a.values.map(next))
  a.values[a.pitch + 2] = -0
  c.values.set(c.values.map(next))
  const expected = Array.from(c.values)
  const [rows, columns] = isTurned ? [5, 4] : [4, 5]
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const [row, column] = isTurned ? [j, i] : [i, j]
      const value = (isAdded ? 1 : 0.3) * a.values[(row + 1) * a.pitch + column + 2]!
      const at = (i + 2) * c.pitch + j + 3
      expected[at] = isAdded ? expected[at]! + value : value
    }
  }
  const from = part(a, 1, 2)
  const kernels = arena.kernels(linalgKernels)
  const args = [part(c, 2, 3), isTurned ? turned(from) : from, [rows!, columns!]] as const
  if (isAdded) addPart(kernels, ...args)
  else place(kernels, ...args, 0.3)
  return { found: [...c.values], expected }
}

small('parts are placed, scaled and added, turned or not, to the same bits in every build', () => {
  for (const kind of kinds) {
    for (const isTurned of [false, true]) {
      for (const isAdded of [false, true]) {
        const { found, expected } = placedBy(kind, isTurned, isAdded)
        assert.ok(
          found.every((value, i) => Object.is(value, expected[i])),
          `${kind}, turned ${isTurned}, added ${isAdded}`
        )
      }
    }
  }
})

small('what is above the diagonal is mirrored, in every build', () => {
  for (const kind of kinds) {
    const shapes = { a: [6, 8] } as const
    const arena = new Arena(matrixBytes(shapes) + 64, kind)
    const { a } = matricesAt(arena, arena.take(matrixBytes(shapes)), shapes)
    a.values.set(a.values.map((_, i) => i))
    mirror(arena.kernels(linalgKernels), a, 5)
    const expected = Array.from({ length: 48 }, (_, at) => {
      const [i, j] = [Math.floor(at / 8), at % 8]
      return i < 5 && j < i ? 8 * j + i : at
    })
    assert.equal([...a.values], expected, kind)
  }
})

/** A symmetric matrix by its entries at and below the diagonal. */
function symmetric(n: number, entry: (i: number, j: number) => number): Float64Array {
  const matrix = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = entry(i, j)
  }
  return matrix
}

function eigenOf(matrix: Float64Array, n: number, kind: KernelKind) {
  const arena = new Arena(householderWork(n) + 64, kind)
  return householderEigen(arena, matrix, n, arena.take(householderWork(n)))
}

const columns = Float64Array.from({ length: 60 * 48 }, random(5))

const matrices: Readonly<Record<string, [number, (i: number, j: number) => number]>> = {
  'a number': [1, () => 3],
  'of two rows': [2, (i, j) => (i === j ? 2 : 1)],
  nothing: [5, () => 0],
  'of equal values': [9, (i, j) => Number(i === j)],
  'of one direction': [12, (i, j) => (i + 1) * (j + 1)],
  'a Gram matrix': [
    48,
    (i, j) => {
      let sum = 0
      for (let k = 0; k < 60; k++) sum += columns[60 * i + k]! * columns[60 * j + k]!
      return sum
    },
  ],
  'of values that fall': [
    33,
    (i, j) => (i === j ? 2 ** -i : 0) + 1e-9 * columns[60 * i + j]! * 2 ** -i,
  ],
}

for (const [name, [n, entry]] of Object.entries(matrices)) {
  small(`eigenvectors of a matrix ${name} are orthonormal and solve it, in every build`, () => {
    const matrix = symmetric(n, entry)
    const base = eigenOf(matrix, n, 'base')
    const norm = Math.max(base.values[0]!, 1e-300)
    for (const kind of kinds) {
      const { values, vectors, converged } = eigenOf(matrix, n, kind)
      assert.ok(converged)
      for (let k = 0; k < n; k++) {
        assert.ok(k === 0 || values[k - 1]! >= values[k]!)
        if (kind !== 'js') assert.is(values[k], base.values[k])
        for (let i = 0; i < n; i++) {
          let residual = -values[k]! * vectors[i * n + k]!
          let inner = -Number(i === k)
          for (let j = 0; j < n; j++) {
            residual += matrix[i * n + j]! * vectors[j * n + k]!
            inner += vectors[j * n + i]! * vectors[j * n + k]!
          }
          assert.ok(Math.abs(residual) <= 2e-15 * n * norm, `${kind}: ${residual} of ${norm}`)
          assert.ok(Math.abs(inner) <= 2e-15 * n, `${kind}: ${inner}`)
        }
      }
    }
  })
}

for (const [name, [n, entry]] of Object.entries(matrices)) {
  small(`Jacobi's rotations of a matrix ${name} are the same bits in every build`, () => {
    const matrix = symmetric(n, entry)
    const plain = jacobi(matrix, n)
    for (const kind of kinds) {
      const arena = new Arena(sweepsWork(n) + 64, kind)
      assert.equal(jacobi(matrix, n, sweepsIn(arena, arena.take(sweepsWork(n)))), plain, kind)
    }
  })
}

small('a triangular root has the bits of the reference, and leaves out what is dependent', () => {
  for (const n of [1, 2, 7, 16, 39]) {
    const shapes = { a: [n, n], r: [n, n] } as const
    const roots = kinds.map((kind) => {
      const arena = new Arena(matrixBytes(shapes) + 64, kind)
      const { a, r } = matricesAt(arena, arena.take(matrixBytes(shapes)), shapes)
      const next = random(n)
      // The columns of a matrix of n rows, the third of them the sum of the first two.
      const columns = Array.from({ length: n }, () => Array.from({ length: n }, next))
      if (n > 2) columns[2] = columns[0]!.map((x, i) => x + columns[1]![i]!)
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          a.values[i * n + j] = columns[i]!.reduce((sum, x, k) => sum + x * columns[j]![k]!, 0)
        }
      }
      const rank = arena.kernels(linalgKernels).cholesky({ a: a.at, n, r: r.at })
      assert.is(rank, n > 2 ? n - 1 : n)
      const root = r.values.slice(0, rank * n)
      a.values.forEach((value, at) => {
        let sum = 0
        for (let q = 0; q < rank; q++) {
          sum += root[q * n + Math.floor(at / n)]! * root[q * n + (at % n)]!
        }
        assert.ok(Math.abs(sum - value) <= 1e-9 * n, `${n}, entry ${at}: ${sum} against ${value}`)
      })
      return root
    })
    for (const root of roots) assert.equal(root, roots[0])
  }
})

small.run()
