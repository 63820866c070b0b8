// The kernels that solve an analysis' small problems, against the functions that they are to have the bits of.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena, type KernelKind, kernelKind } from '../../../src/kernels/arena.ts'
import { assign } from '../../../src/linalg/assignment.ts'
import { type Complex, eigenvalues } from '../../../src/linalg/eigenvalues.ts'
import { turnAllRows } from '../../../src/linalg/row-sweeps.ts'
import { absorb, triangleSize, unpacked } from '../../../src/linalg/triangular.ts'
import { centred, mapOf } from '../../../src/stages/koopman/fitting/moments.ts'
import { Solver } from '../../../src/stages/koopman/fitting/solver.ts'
import { random } from '../../engine/frames.ts'

type Points = readonly Complex[]

const solving = suite('small problems of koopman')

const kinds: KernelKind[] =
  kernelKind('fast') === 'relaxed' ? ['base', 'relaxed', 'js'] : ['base', 'js']

const needs = { width: 37, members: 1, modes: 23 }

const solvers = kinds.map((kind) => {
  const triangle = triangleSize(needs.width)
  const arena = new Arena(Solver.bytes(needs) + 8 * triangle + 128, kind)
  const solver = new Solver(arena, arena.take(Solver.bytes(needs)), needs)
  return { kind, solver, memory: arena.f64(arena.take(8 * triangle), triangle) }
})

const randomOf = (length: number, seed: number): Float64Array => {
  const next = random(seed)
  return Float64Array.from({ length }, () => next() - 0.5)
}

const pointsOf = (n: number, seed: number): Points => {
  const numbers = randomOf(2 * n, seed)
  return Array.from({ length: n }, (_, i) => ({ re: numbers[2 * i]!, im: numbers[2 * i + 1]! }))
}

/** Of a stretch of as many rows as numbers in one, in which direction `modes` is nearly nothing. */
function momentsOf(width: number, modes: number, seed: number): Float64Array {
  const moments = new Float64Array(triangleSize(width))
  for (let row = 0; row < width; row++) {
    const numbers = randomOf(width, seed * width + row)
    if (modes > 2) numbers[width - modes - 1]! *= 1e-9
    for (let i = 0, at = 0; i < width; i++) {
      for (let j = i; j < width; j++, at++) moments[at]! += numbers[i]! * numbers[j]!
    }
  }
  return moments
}

const matrices: { readonly [what: string]: (n: number) => (i: number, j: number) => number } = {
  'of random numbers': (n) => {
    const next = random(n)
    return () => next() - 0.5
  },
  'of a cycle': (n) => (i, j) => Number((i + 1) % n === j),
  'of a Jordan block': () => (i, j) => (i === j ? 0.5 : Number(i + 1 === j)),
  'of zeros': () => () => 0,
  'of entries that are far apart': (n) => {
    const next = random(n + 1)
    return (i) => (next() - 0.5) * 10 ** (-2 * i)
  },
}

for (const [what, entryOf] of Object.entries(matrices)) {
  solving(`eigenvalues of a matrix ${what} have the bits of the function`, () => {
    for (const n of [1, 2, 3, 4, 7, 10, 23]) {
      const entry = entryOf(n)
      const matrix = Float64Array.from({ length: n * n }, (_, at) =>
        entry(Math.floor(at / n), at % n)
      )
      const expected = eigenvalues(matrix, n)
      assert.ok(expected)
      for (const { kind, solver } of solvers) {
        assert.equal(solver.eigenvalues(matrix, n), expected, `${kind}, ${n}`)
      }
    }
  })
}

solving('no eigenvalues of what is not finite', () => {
  for (const { kind, solver } of solvers) {
    assert.is(solver.eigenvalues(Float64Array.of(1, Number.NaN, 0, 1), 2), undefined, kind)
    assert.is(solver.eigenvalues(Float64Array.of(1, 0, Infinity, 1), 2), undefined, kind)
  }
})

solving('a factor takes rows in as the function does, where it lies and out of a copy', () => {
  for (const width of [1, 2, 5, 16, 37]) {
    const x = randomOf(20 * width, width)
    // A column and a row without anything.
    for (let i = 0; i < 20; i++) x[i * width + (width >> 1)] = 0
    x.fill(0, 3 * width, 4 * width)
    const expected = new Float64Array(triangleSize(width))
    absorb(expected, width, x.slice(), 20)
    const other = expected.slice()
    const joined = expected.slice()
    absorb(joined, width, unpacked(other, width), width, true)
    for (const { kind, memory, solver } of solvers) {
      const inPlace = memory.subarray(0, expected.length).fill(0)
      for (const factor of [new Float64Array(expected.length), inPlace]) {
        solver.absorb(factor, width, x.slice(), 20)
        assert.equal([...factor], [...expected], `${kind}, ${width}`)
        solver.absorb(factor, width, unpacked(other, width), width, true)
        assert.equal([...factor], [...joined], `${kind}, ${width}, joined`)
      }
    }
  }
})

solving('rows are turned as the function turns them', () => {
  for (const [n, columns] of [
    [1, 3],
    [2, 2],
    [9, 13],
    [20, 20],
  ] as const) {
    const expected = randomOf(n * columns, columns)
    const start = expected.slice()
    assert.ok(turnAllRows(expected, n, columns))
    for (const { kind, solver } of solvers) {
      const rows = start.slice()
      assert.ok(solver.rowSweeps(rows, n, columns))
      assert.equal(rows, expected, `${kind}, ${n} x ${columns}`)
    }
  }
})

const circle = (n: number, turn: number): { re: number; im: number }[] =>
  Array.from({ length: n }, (_, i) => {
    const angle = (2 * Math.PI * (i + turn)) / n
    return { re: Math.cos(angle), im: Math.sin(angle) }
  })

/** Values, and those found, that have to be assigned to them. */
const assignments: { readonly [what: string]: readonly [Points, Points] } = {
  'that lie near': [circle(7, 0), circle(7, 0.1).reverse()],
  'that two values are nearest to': [
    circle(9, 0),
    circle(9, 0.3).map(({ re, im }) => ({ re: re + 1, im })),
  ],
  'in a pair that is as near to two': [
    [
      { re: 0.9, im: 0 },
      { re: 0.5, im: 0 },
      { re: 0.1, im: 0 },
    ],
    [
      { re: 0.6, im: 0.3 },
      { re: 0.6, im: -0.3 },
      { re: 0.2, im: 0 },
    ],
  ],
  'for a pair that is as near to two': [
    [
      { re: 0.6, im: 0.3 },
      { re: 0.6, im: -0.3 },
    ],
    [
      { re: 0.9, im: 0 },
      { re: 0.5, im: 0 },
    ],
  ],
  'that are all one': [circle(5, 0), circle(5, 0).fill({ re: 0, im: 0 })],
  'at random': [pointsOf(23, 1), pointsOf(23, 2)],
}

for (const [what, [values, found]] of Object.entries(assignments)) {
  solving(`eigenvalues ${what} are assigned as the function assigns them`, () => {
    const cost = values.flatMap((value) =>
      found.map(({ re, im }) => {
        const [x, y] = [value.re - re, value.im - im]
        return Math.sqrt(x * x + y * y)
      })
    )
    const expected = Array.from(assign(Float64Array.from(cost), values.length), (j) => found[j]!)
    for (const { kind, solver } of solvers) {
      assert.equal(solver.assigned(values, found), expected, kind)
    }
  })
}

solving('maps of draws are those of their sums, while other problems are solved', () => {
  const { width } = needs
  for (const [modes, first] of [
    [1, 0],
    [2, 1],
    [7, 1],
    [23, 0],
  ] as const) {
    // Of rows of random numbers, so that sums are positive definite; the last direction is not there.
    const moments = Array.from({ length: 12 }, (_, s) => momentsOf(first + 2 * modes, modes, s))
    const plain = Float64Array.from(moments, (_, s) => s % 3)
    const sums = centred(moments, plain, { modes }, first)
    const { map } = mapOf(sums, modes)
    for (const { kind, solver } of solvers) {
      const draws = solver.draws(moments, modes, first)
      for (const turn of [0, 1]) {
        draws.weights.set(plain)
        draws.fit()
        assert.equal([...draws.sums], [...sums], `${kind}, sums of ${modes}, ${turn}`)
        assert.equal([...draws.map], [...map], `${kind}, map of ${modes}, ${turn}`)
        // All of what a problem may take.
        solver.absorb(
          new Float64Array(triangleSize(width)),
          width,
          randomOf(width * width, 5),
          width
        )
      }
    }
  }
})

solving.run()
