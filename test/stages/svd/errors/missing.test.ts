import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Combination } from '../../../../src/stages/svd/combine.ts'
import { likeness } from '../../../../src/stages/svd/errors/missing.ts'
import type { Solution } from '../../../../src/stages/svd/solve.ts'

const missing = suite('what is missing')

/** A block whose columns leave out these parts of themselves: orthonormal directions that are all cut. */
function leaving(parts: readonly (readonly number[])[]) {
  const size = parts.length
  const vectors = Float64Array.from(parts.flat())
  assert.is(vectors.length, size * size)
  const solution = { values: new Float64Array(size).fill(1), vectors, size } as unknown as Solution
  return likeness(solution, { added: size } as Combination, 0, 0)
}

const axis = (k: number, size = 6): number[] =>
  Array.from({ length: size }, (_, i) => Number(i === k))

missing('counts as alike only what columns half a block apart share', () => {
  // As momentum makes them: each column is like its neighbours, and like no other.
  const neighbours = leaving([0, 0, 1, 1, 2, 2].map((k) => axis(k)))
  assert.equal(neighbours, { overlaps: 0, products: 6 })
  const apart = leaving([0, 1, 2, 0, 1, 2].map((k) => axis(k)))
  assert.equal(apart, { overlaps: 3, products: 6 })
  const same = leaving(Array.from({ length: 6 }, () => axis(4)))
  assert.equal(same, { overlaps: 6, products: 6 })
})

missing('compares nothing in a block of one column, and two with each other', () => {
  assert.equal(leaving([[3]]), { overlaps: 0, products: 0 })
  assert.equal(
    leaving([
      [1, 0],
      [2, 0],
    ]),
    { overlaps: 4, products: 4 }
  )
})

missing.run()
