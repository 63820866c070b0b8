// The kernels that solve an analysis' small problems, against the functions that they are to have the bits of.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena, type KernelKind, kernelKind } from '../../../src/kernels/arena.ts'
import { eigenvalues } from '../../../src/linalg/eigenvalues.ts'
import { Solver } from '../../../src/stages/koopman/solver.ts'
import { random } from '../../engine/frames.ts'

const solving = suite('small problems of koopman')

const kinds: KernelKind[] =
  kernelKind('fast') === 'relaxed' ? ['base', 'relaxed', 'js'] : ['base', 'js']

const solvers = (modes: number): [KernelKind, Solver][] =>
  kinds.map((kind) => {
    const arena = new Arena(Solver.bytes(modes) + 64, kind)
    return [kind, new Solver(arena, arena.take(Solver.bytes(modes)), modes)]
  })

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
      for (const [kind, solver] of solvers(n)) {
        assert.equal(solver.eigenvalues(matrix, n), expected, `${kind}, ${n}`)
      }
    }
  })
}

solving('no eigenvalues of what is not finite', () => {
  for (const [kind, solver] of solvers(2)) {
    assert.is(solver.eigenvalues(Float64Array.of(1, Number.NaN, 0, 1), 2), undefined, kind)
    assert.is(solver.eigenvalues(Float64Array.of(1, 0, Infinity, 1), 2), undefined, kind)
  }
})

solving.run()
