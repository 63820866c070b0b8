import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { gatherer } from '../../src/tfjs/gather.ts'

const gather = suite('joining chunks')

const filled = (lengths: readonly number[]): Uint8Array[] =>
  lengths.map((length, i) => new Uint8Array(length).fill(i + 1))

gather('keeps every byte in its order, and gives few chunks', () => {
  const join = gatherer()
  for (const lengths of [[], [7], [0, 3, 0], [10, 2 ** 20, 20, 2 ** 21, 5, 6, 2 ** 20 - 11, 1]]) {
    const chunks = filled(lengths)
    const joined = [...join(chunks)].map(({ length }) => length)
    const bytes = []
    for (const chunk of join(chunks)) bytes.push(chunk.slice())
    assert.ok(Buffer.concat(bytes).equals(Buffer.concat(chunks)), `${lengths}`)
    if (lengths.length > 3) assert.equal(joined, [10, 2 ** 20, 20, 2 ** 21, 2 ** 20, 1])
  }
})

gather('hands a chunk on that stands alone', () => {
  const [large, small] = filled([2 ** 20, 9]) as [Uint8Array, Uint8Array]
  const [first, second] = gatherer()([large, small])
  assert.is(first, large)
  assert.is(second, small)
})

gather.run()
