import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ThalwegError } from '../../src/error.ts'
import type { DeltaFrame, Frame, OpenFrame } from '../../src/wire/frame.ts'
import { FrameReader, readFrames } from '../../src/wire/reader.ts'
import { bytes, chunkings, delta, f32, open, pack, random, read, stream } from './streams.ts'

const reader = suite('the reader')

const tensors = [
  { name: 'fc.weight', shape: [300, 20], dtype: 'f32', role: 'weight', trainable: true },
  { name: 'fc.bias', shape: [300], dtype: 'f64', trainable: false },
  { name: 'scale', shape: [], dtype: 'bf16' },
]
const meta = { optimizer: 'sgd', seed: 7, nested: { list: [1, null, true], when: new Date(0) } }

function wide(seed: number): Uint8Array {
  const next = random(seed)
  return Uint8Array.from({ length: 24_000 }, () => 256 * next())
}

/** Every kind of frame and key, in two runs. */
const everything = stream(
  { kind: 'open', version: 1, run: 'a', tensors, members: 3, coupled: true, meta, unknown: [1] },
  { kind: 'anchor', step: 0, member: 2, data: [wide(1), new Uint8Array(2400), new Uint8Array(2)] },
  {
    kind: 'delta',
    step: 1,
    member: 1,
    base: 0,
    epoch: 0.25,
    metrics: { loss: 0.5, bad: Number.NaN },
    data: [wide(2), null, null],
  },
  { kind: 'delta', step: 2, more: true, data: [wide(3)] },
  { kind: 'delta', step: 2, at: 1, data: [{ i: new Uint8Array(4), v: new Uint8Array(8) }, [1.5]] },
  {
    kind: 'tangent',
    step: 2,
    index: 3,
    logScale: -1.5,
    reset: { r: new Uint8Array(32) },
    data: [],
  },
  { kind: 'metrics', step: 9, member: 1, epoch: 2, metrics: { accuracy: 1 }, unknown: null },
  { kind: 'close', frames: 6 },
  open({ run: 'b' }),
  delta(),
  { kind: 'close', frames: 1 }
)

reader('gives every kind of frame with its keys, defaults and place', () => {
  const { frames, end } = read(everything)
  assert.is(end, 'closed')
  let offset = 0
  for (const frame of frames) {
    assert.is(frame.offset, offset)
    offset += frame.bytes
  }
  assert.is(offset, everything.length)
  const bare = frames.map(({ offset: _, bytes: __, ...frame }) => frame)
  assert.equal(bare[0], {
    kind: 'open',
    version: 1,
    run: 'a',
    tensors: [
      { ...tensors[0], elements: 6000 },
      { ...tensors[1], elements: 300 },
      { ...tensors[2], elements: 1 },
    ],
    members: 3,
    coupled: true,
    meta: { ...meta, nested: { list: [1, null, true], when: '1970-01-01T00:00:00.000Z' } },
  })
  const part = { member: 0, at: 0, more: false }
  assert.equal(bare[1], {
    ...part,
    kind: 'anchor',
    step: 0,
    member: 2,
    data: [wide(1), new Uint8Array(2400), new Uint8Array(2)],
  })
  assert.equal(bare[2], {
    ...part,
    kind: 'delta',
    step: 1,
    member: 1,
    base: 0,
    epoch: 0.25,
    metrics: { loss: 0.5, bad: Number.NaN },
    data: [wide(2), null, null],
  })
  assert.equal(bare[3], { ...part, kind: 'delta', step: 2, more: true, data: [wide(3)] })
  assert.equal(bare[4], {
    ...part,
    kind: 'delta',
    step: 2,
    at: 1,
    data: [{ i: new Uint8Array(4), v: new Uint8Array(8) }, Uint8Array.of(0xc0, 0x3f)],
  })
  assert.equal(bare[5], {
    ...part,
    kind: 'tangent',
    step: 2,
    index: 3,
    logScale: -1.5,
    reset: new Uint8Array(32),
    data: [],
  })
  assert.equal(bare[6], { kind: 'metrics', step: 9, member: 1, epoch: 2, metrics: { accuracy: 1 } })
  assert.equal(bare[7], { kind: 'close', frames: 6 })
  assert.equal(bare[8], {
    kind: 'open',
    version: 1,
    run: 'b',
    tensors: [{ name: 'w', shape: [3], dtype: 'f32', elements: 3 }],
    members: 1,
    coupled: false,
    meta: {},
  })
  assert.is(bare.length, 11)
})

reader('gives the same frames for any chunking', () => {
  const whole = read(everything)
  for (let seed = 0; seed < 8; seed++) {
    for (const { name, size } of chunkings(seed)) assert.equal(read(everything, size), whole, name)
  }
})

reader('takes integral floats as integers', () => {
  const float = (value: number): Uint8Array => {
    const view = new DataView(new ArrayBuffer(9))
    view.setUint8(0, 0xcb)
    view.setFloat64(1, value)
    return new Uint8Array(view.buffer)
  }
  const opening = bytes(
    ...[0x85, pack('kind'), pack('open'), pack('version'), float(1), pack('run'), pack('r')],
    ...[pack('members'), float(2), pack('tensors'), 0x91, 0x83, pack('name'), pack('w')],
    ...[pack('dtype'), pack('f32'), pack('shape'), 0x91, float(3)]
  )
  const frame = bytes(
    ...[0x84, pack('kind'), pack('delta'), pack('step'), float(4), pack('member'), float(1)],
    ...[pack('data'), 0x91, 0x82, pack('o'), float(2), pack('b'), pack(f32(1))]
  )
  const { frames, error } = read(
    bytes(opening, frame, 0x82, pack('kind'), pack('close'), pack('frames'), float(1))
  )
  assert.is(error, undefined, error?.message)
  const [first, second] = frames as [OpenFrame, DeltaFrame]
  assert.equal(first.tensors[0], { name: 'w', shape: [3], dtype: 'f32', elements: 3 })
  assert.is(first.members, 2)
  assert.is(second.step, 4)
  assert.is(second.member, 1)
  assert.equal(second.data, [{ o: 2, b: f32(1) }])
})

reader('takes keys in any order and long steps', () => {
  const { frames } = read(stream(open(), { data: [null], step: 2 ** 40, kind: 'delta' }))
  assert.is((frames[1] as DeltaFrame).step, 2 ** 40)
})

reader('gives payloads of a frame within one chunk as views of the chunk', () => {
  const chunk = stream(open(), delta({ data: [f32(7, 8, 9)] }))
  const whole = new FrameReader()
  whole.push(chunk)
  whole.next()
  const frame = whole.next() as DeltaFrame
  assert.is((frame.data[0] as Uint8Array).buffer, chunk.buffer)
})

reader(
  'takes nothing but bytes as chunks: what it cannot see would be an empty stream',
  async () => {
    const bytes = new Uint8Array([1, 2])
    for (const chunks of [bytes, ['text'], [bytes.buffer], [[1, 2]]]) {
      let error: unknown
      try {
        for await (const _ of readFrames(chunks as unknown as AsyncIterable<Uint8Array>))
          assert.unreachable()
      } catch (reason) {
        error = reason
      }
      assert.match(String(error), /a chunk is a \w+, expected a Uint8Array.*\[E_FRAME\]/)
    }
  }
)

reader('takes a view of any kind for its bytes, after unread ones too', () => {
  const [first, second] = [stream(open(), delta()), stream({ kind: 'close', frames: 1 })]
  const reading = new FrameReader()
  reading.push(first)
  assert.is(reading.next()?.kind, 'open')
  reading.push(new DataView(Uint8Array.from(second).buffer) as unknown as Uint8Array)
  assert.equal([reading.next()?.kind, reading.next()?.kind], ['delta', 'close'])
  assert.is(reading.offset, first.length + second.length)
})

reader('says how a stream ended', () => {
  assert.is(read(new Uint8Array(0)).end, 'empty')
  assert.is(read(stream(open())).end, 'truncated')
  assert.is(read(stream(open(), delta())).end, 'truncated')
  assert.is(read(stream(open(), { kind: 'close', frames: 0 })).end, 'closed')
  assert.is(read(stream(open(), { kind: 'close', frames: 0 }, open())).end, 'truncated')
})

reader('gives all whole frames of a stream that is cut anywhere', () => {
  const short = stream(open(), delta(), delta({ step: 2 }), { kind: 'close', frames: 2 })
  const { frames } = read(short)
  for (let length = 1; length < short.length; length++) {
    const cut = read(short.subarray(0, length))
    const whole = frames.filter((frame) => frame.offset + frame.bytes <= length)
    assert.equal(cut, { frames: whole, end: 'truncated' }, `${length} bytes`)
  }
})

reader('goes on from any place between two frames', () => {
  const { frames } = read(everything)
  const opens = frames.filter((frame): frame is OpenFrame => frame.kind === 'open')
  for (const [i, { offset }] of frames.entries()) {
    const before = frames.slice(0, i)
    const open = opens.findLast((each) => each.offset < offset)
    const closed = before.at(-1)?.kind === 'close'
    const count = before.length - before.lastIndexOf(open!) - 1
    const rest = new FrameReader({}, { offset, ...(open && !closed && { open, frames: count }) })
    rest.push(everything.slice(offset))
    for (const frame of frames.slice(i)) assert.equal(structuredClone(rest.next()), frame)
    assert.is(rest.end(), 'closed')
  }
})

reader('takes metrics under any names', () => {
  const names = ['why', '__proto__', 'constructor', 'toString', '', '7', '\ufeffbom', 'a\u001b[31m']
  // msgpackr's own reader would rename one of these.
  const frame = bytes(
    ...[0x83, pack('kind'), pack('metrics'), pack('step'), 1, pack('metrics'), 0x80 | names.length],
    ...names.flatMap((name, i) => [pack(name), i])
  )
  const [, read1] = read(bytes(stream(open()), frame)).frames
  const { metrics } = read1 as { metrics: Record<string, number> }
  assert.equal(new Set(Object.keys(metrics)), new Set(names))
  for (const [i, name] of names.entries()) {
    assert.is(Object.getOwnPropertyDescriptor(metrics, name)?.value, i)
  }
  assert.is(Object.getPrototypeOf(metrics), Object.prototype)
})

reader('counts the bytes it has read', () => {
  const counting = new FrameReader()
  const short = stream(open(), delta())
  counting.push(short.subarray(0, short.length - 5))
  assert.is(counting.next()?.kind, 'open')
  assert.is(counting.offset, stream(open()).length)
  assert.is(counting.next(), undefined)
  assert.is(counting.offset, short.length - 5)
})

reader('keeps chunks that are pushed before the frames of the last were taken', () => {
  const eager = new FrameReader()
  for (let at = 0; at < everything.length; at += 1000) eager.push(everything.slice(at, at + 1000))
  const frames: Frame[] = []
  for (let frame = eager.next(); frame; frame = eager.next()) frames.push(structuredClone(frame))
  assert.equal(frames, read(everything).frames)
})

reader('stays failed once it has failed', () => {
  const failed = new FrameReader()
  failed.push(stream(open(), { kind: 'delta' }, delta()))
  failed.next()
  let first: unknown
  for (const _ of [1, 2]) {
    try {
      failed.next()
      assert.unreachable()
    } catch (error) {
      assert.instance(error, ThalwegError)
      first ??= error
      assert.is(error, first)
    }
  }
})

async function* inChunks(whole: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < whole.length; at += size) yield whole.slice(at, at + size)
}

reader('gives frames to an async loop, and afterwards how the stream ended', async () => {
  for (const [cut, end] of [
    [0, 'closed'],
    [3, 'truncated'],
  ] as const) {
    const asked = new FrameReader()
    const kinds: string[] = []
    for await (const frame of readFrames(
      inChunks(everything.subarray(0, everything.length - cut), 777),
      asked
    )) {
      kinds.push(frame.kind)
    }
    assert.is(kinds.length, cut === 0 ? 11 : 10)
    assert.is(asked.end(), end)
  }
})

reader('throws text at the very end of a stream from an async loop', async () => {
  try {
    for await (const _ of readFrames(inChunks(bytes(everything, 'bye'), 999)));
    assert.unreachable()
  } catch (error) {
    assert.is((error as ThalwegError).code, 'E_STRAY_TEXT')
    assert.is((error as ThalwegError).offset, everything.length)
  }
})

reader.run()
