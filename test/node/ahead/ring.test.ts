import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ByteRing } from '../../../src/node/ahead/ring.ts'

const ring = suite('ring of bytes')

ring('gives bytes in order, beyond 2³² of them', async () => {
  const one = new ByteRing()
  const other = new ByteRing(one.buffer)
  let wrote = 0
  for (let taken = 0; taken < 2 ** 32 + 2 ** 22; ) {
    const room = other.room()
    room[0] = wrote % 251
    room[room.length - 1] = (wrote + room.length - 1) % 251
    const starts = wrote
    other.wrote(room.length)
    wrote += room.length
    while (taken < wrote) {
      const piece = (await one.take())!
      if (taken === starts) assert.is(piece[0], taken % 251)
      taken += piece.length
      if (taken === wrote) assert.is(piece.at(-1), (taken - 1) % 251)
    }
  }
})

ring('leaves a piece as it is until the next but one is asked for', async () => {
  const bytes = new ByteRing()
  const fill = (value: number) => {
    const room = bytes.room()
    room.fill(value)
    bytes.wrote(room.length)
    return room.length
  }
  const all = fill(1)
  const first = (await bytes.take())!
  const second = (await bytes.take())!
  assert.is(first[0], 1)
  await bytes.take() // frees the first
  assert.is(fill(2), first.length)
  assert.is(first[0], 2)
  assert.is(second[0], 1)
  assert.ok(first.length + second.length <= all / 2)
})

ring('ends after its last byte', async () => {
  const bytes = new ByteRing()
  const waiting = bytes.take()
  bytes.room()[0] = 7
  bytes.wrote(1)
  bytes.end()
  assert.equal(await waiting, Uint8Array.of(7))
  assert.is(await bytes.take(), undefined)
  assert.is(await bytes.take(), undefined)
})

ring('ends while somebody waits', async () => {
  const bytes = new ByteRing()
  const waiting = bytes.take()
  setTimeout(() => bytes.end(), 5)
  const keepAlive = setInterval(() => {}, 1000)
  assert.is(await waiting, undefined)
  clearInterval(keepAlive)
})

ring.run()
