import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  enoughRuns,
  permutationTest,
  spreadOf,
} from '../../../src/node/compare/testing/permutation.ts'

const permutations = suite('permutation test')

/** Distances of runs that are points of a line. */
const line = (at: readonly number[]) =>
  Float64Array.from({ length: at.length ** 2 }, (_, k) =>
    Math.abs(at[Math.floor(k / at.length)]! - at[k % at.length]!)
  )

permutations('five against five far apart: 2 of all 252 ways', () => {
  const at = [0, 1, 2, 3, 4, 100, 101, 102, 103, 104]
  const test = permutationTest(line(at), 10, 5, 0)
  assert.equal(test, { p: 2 / 252, least: 2 / 252, permutations: 252, exact: true })
  const { between, within, excess } = spreadOf(line(at), 10, 5)
  assert.is(between, 100)
  assert.equal(within, [2, 2])
  assert.is(excess, 98)
})

permutations('groups of other sizes do not change places: 1 of all ways', () => {
  const test = permutationTest(line([0, 1, 50, 51, 52]), 5, 2, 0)
  assert.equal(test, { p: 0.1, least: 0.1, permutations: 10, exact: true })
})

permutations('groups that are as alike as can be are never called different', () => {
  const { p } = permutationTest(line([0, 2, 4, 6, 1, 3, 5, 7]), 8, 4, 0)
  assert.ok(p > 0.5)
  assert.is(permutationTest(new Float64Array(64), 8, 4, 0).p, 1)
})

permutations('draws where there are too many ways, the same for one seed', () => {
  const at = Array.from({ length: 24 }, (_, i) => (i < 12 ? i : 100 + i))
  const test = permutationTest(line(at), 24, 12, 7)
  assert.is(test.exact, false)
  assert.is(test.permutations, 9999)
  assert.ok(test.p >= 1e-4 && test.p < 3e-4, String(test.p))
  assert.equal(permutationTest(line(at), 24, 12, 7), test)
})

permutations('one run on a side has no distance within', () => {
  const { within, excess } = spreadOf(line([0, 3, 5]), 3, 1)
  assert.ok(Number.isNaN(within[0]))
  assert.is(within[1], 2)
  assert.is(excess, 2)
})

permutations('as many runs are asked for as the level needs', () => {
  assert.equal([0.05, 0.01, 0.001, 5e-5].map(enoughRuns), [5, 5, 7, 9])
  assert.is(enoughRuns(1e-5), undefined, 'more runs are not gone through one by one')
})

permutations.run()
