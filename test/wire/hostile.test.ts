import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ThalwegError } from '../../src/error.ts'
import { FrameReader } from '../../src/wire/reader.ts'
import { bytes, f32, open, pack, read, stream } from './streams.ts'

const hostile = suite('hostile streams')

const MiB = 2 ** 20

/** Bytes of all array buffers that an act makes at most, as seen after each chunk. */
function arrayBytes(chunks: Iterable<Uint8Array>): { most: number; reader: FrameReader } {
  const reader = new FrameReader()
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  try {
    for (const chunk of chunks) {
      reader.push(chunk)
      while (reader.next());
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }
  } catch (error) {
    assert.instance(error, ThalwegError)
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  return { most, reader }
}

hostile('a declared length allocates nothing', () => {
  const far = [0xff, 0xff, 0xff, 0xff]
  const near = [0x03, 0xff, 0xff, 0x00]
  const heads = [far, near].flatMap((length) =>
    [0xc6, 0xdb, 0xdd, 0xdf, 0xc9].map((token) =>
      bytes(0x81, pack('data'), 0x91, token, ...length, 0x74)
    )
  )
  for (const head of heads) {
    const { most } = arrayBytes([pack(open()), head, new Uint8Array(100)])
    assert.ok(most < MiB / 4, `${most} bytes`)
  }
})

hostile('four thousand million elements are refused at their head', () => {
  for (const token of [0xdd, 0xdf, 0xc6, 0xdb, 0xc9]) {
    const head = bytes(0x81, 0xa1, 'x', token, 0xff, 0xff, 0xff, 0xff, 0x74)
    assert.match(read(head).error!.code, /E_FRAME_SIZE|E_LIMIT/)
  }
})

hostile('a tower of containers is refused at depth 17', () => {
  for (const token of [0x91, 0xdc, 0xdd]) {
    const level = { 145: [0x91], 220: [0xdc, 0, 1], 221: [0xdd, 0, 0, 0, 1] }[token]!
    const tower = bytes(0x81, 0xa1, 'x', ...Array.from({ length: 20_000 }, () => level).flat())
    assert.is(read(tower).error?.code, 'E_LIMIT')
    assert.is(read(tower).error?.offset, 3 + 15 * level.length)
  }
  const maps = bytes(...Array.from({ length: 20_000 }, () => [0x81, 0xa1, 0x78]).flat())
  assert.is(read(maps).error?.offset, 16 * 3)
})

hostile('lengths that widen in memory are bounded by the frame', () => {
  const tensors = [{ name: 'w', shape: [2 ** 40], dtype: 'f64' }]
  const numbers = new Uint8Array(9 * MiB).fill(1)
  const head = bytes(
    0x83,
    pack('kind'),
    pack('delta'),
    pack('step'),
    1,
    pack('data'),
    0x91,
    0xdd,
    0,
    0x90,
    0,
    0
  )
  const frame = new Uint8Array(head.length + numbers.length)
  frame.set(head)
  frame.set(numbers, head.length)
  const { most, reader } = arrayBytes([stream(open({ tensors })), frame])
  assert.ok(most < MiB / 4, `${most} bytes`)
  assert.throws(() => reader.next(), /\[E_FRAME_SIZE\]/)
})

hostile('tensors larger than any memory cost nothing to name', () => {
  const tensors = [{ name: 'w', shape: [2 ** 52], dtype: 'f32' }]
  const { frames } = read(
    stream(open({ tensors }), { kind: 'delta', step: 1, data: [{ o: 2 ** 51, b: f32(1) }] })
  )
  assert.is(frames.length, 2)
})

hostile('a frame that drips in byte by byte is walked once', () => {
  const numbers = Array.from({ length: 400_000 }, (_, i) => i % 128)
  const dripping = stream(open({ tensors: [{ name: 'w', shape: [400_000], dtype: 'f16' }] }), {
    kind: 'delta',
    step: 1,
    data: [numbers],
  })
  assert.is(read(dripping, () => 1).frames.length, 2)
})

hostile('memory stays at twice a frame however long the stream', () => {
  const shape = [MiB]
  const opening = stream(open({ tensors: [{ name: 'w', shape, dtype: 'f32' }] }))
  const frame = pack({ kind: 'delta', step: 1, data: [new Uint8Array(4 * MiB)] })
  const piece = 1 << 16
  function* long(): Generator<Uint8Array> {
    yield opening
    for (let count = 0; count < 50; count++) {
      for (let at = 0; at < frame.length; at += piece) yield frame.subarray(at, at + piece)
    }
  }
  const { most, reader } = arrayBytes(long())
  assert.is(reader.offset, opening.length + 50 * frame.length)
  assert.ok(most < 16 * MiB, `${most} bytes`)
})

hostile('names of what every object has are names like others', () => {
  const meta = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}') as object
  const tensors = ['__proto__', 'constructor', 'toString'].map((name) => ({
    name,
    shape: [0],
    dtype: 'f32',
  }))
  const { frames, error } = read(stream(open({ meta, tensors })))
  assert.is(error, undefined)
  assert.is(frames.length, 1)
  assert.is(({} as { polluted?: number }).polluted, undefined)
})

hostile.run()
