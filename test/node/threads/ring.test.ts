import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Ring } from '../../../src/node/threads/ring.ts'

const ring = suite('the ring of shared memory')

ring('keeps what is held, whatever is taken and released meanwhile', () => {
  const limit = 4 << 20
  const own = new Ring(limit)
  const held: { readonly bytes: Uint8Array; readonly mark: number }[] = []
  let seed = 1
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  const release = (): void => {
    const { bytes, mark } = held.shift()!
    assert.ok(bytes.every((byte) => byte === mark))
    own.release()
  }
  let most = 0
  for (let i = 0; i < 3000; i++) {
    const length = 1 + random(i % 100 === 0 ? limit : 200_000)
    let bytes = own.take(length)
    while (bytes === undefined) {
      release()
      bytes = own.take(length)
    }
    assert.is(bytes.length, length)
    assert.ok(bytes.buffer.byteLength <= limit)
    held.push({ bytes: bytes.fill(i), mark: i % 256 })
    most = Math.max(most, held.length)
    if (random(3) === 0) release()
  }
  assert.ok(most > 10)
})

ring('grows beyond its limit only for what would not fit otherwise', () => {
  const own = new Ring(1 << 20)
  assert.is(own.take(3 << 20)!.buffer.byteLength, 3 << 20)
  assert.is(own.take(1), undefined)
})

ring.run()
