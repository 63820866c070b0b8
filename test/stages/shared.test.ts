import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from '../../src/kernels/arena.ts'
import { fading } from '../../src/stage/forget.ts'
import { headerBytes, openHeader } from '../../src/stage/header.ts'
import { whyOf } from '../../src/stage/why.ts'

const shared = suite('what the stages share')

shared('a header is read and written in place, words before lists', () => {
  const shape = { words: ['seen', 'kept'] as const, lists: { squares: 3, missing: 2 } }
  assert.is(headerBytes(shape), 56)
  const arena = new Arena(64, 'js')
  const address = arena.take(headerBytes(shape))
  const header = openHeader(arena, address, shape)
  header.kept++
  header.missing.set([5, 6])
  const values = arena.f64(address, 7)
  assert.equal([...values], [0, 1, 0, 0, 0, 5, 6])
  // What the engine puts back after a peek is what a stage reads.
  values.set([9, 8, 7])
  assert.equal([header.seen, header.kept, header.squares[0]], [9, 8, 7])
})

shared('reasons that do not apply are left out, and none is no reason', () => {
  assert.is(whyOf('a', false, undefined, 'b'), 'a; b')
  assert.is(whyOf(false), undefined)
})

shared('steps weigh less the older they are, and what was before them least', () => {
  const { weights, fade } = fading(3, 0.5)
  assert.equal([...weights], [0.25, 0.5, 1])
  assert.is(fade, 0.125)
  assert.is(fading(0, 0.5).fade, 1)
})

shared.run()
