import { Unpackr } from 'msgpackr'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ThalwegError } from '../../src/error.ts'
import { encodeNumbers } from '../../src/wire/dtype.ts'
import type { DeltaFrame, Dtype } from '../../src/wire/frame.ts'
import { joined } from '../../src/wire/joined.ts'
import { frameWriter } from '../../src/wire/writer.ts'
import { f32, read, u32 } from './streams.ts'

const writer = suite('the writer')

const tensors = [
  { name: 'a', shape: [4, 5], dtype: 'f32', role: 'weight' },
  { name: 'b', shape: [], dtype: 'f64', trainable: false },
  { name: 'c', shape: [0], dtype: 'f16' },
  { name: 'd', shape: [3], dtype: 'bf16' },
] as const
const values = Float32Array.from({ length: 20 }, (_, i) => i / 7)

/** All maps of a stream, by msgpackr alone. */
function unpacked(bytes: Uint8Array): Record<string, unknown>[] {
  return new Unpackr({ useRecords: false }).unpackMultiple(bytes) as Record<string, unknown>[]
}

writer('writes what the reader reads', () => {
  const frames = frameWriter({ run: 'w', tensors, members: 2, coupled: true, meta: { seed: 1 } })
  const reset = Float64Array.of(1, 0, 2, 3)
  const { frames: back, end } = read(
    joined([
      ...frames.open(),
      ...frames.anchor({ step: 0, data: [values, Float64Array.of(0.1), [], [1, 2, Number.NaN]] }),
      ...frames.delta({
        step: 1,
        member: 1,
        base: 0,
        epoch: 0.5,
        metrics: { loss: Infinity },
        data: [null, [2], null, { i: u32Array(0, 2), v: [1, -1] }],
      }),
      ...frames.delta({ step: 2, dtype: 'f64', data: [{ o: 18, b: [1, 2] }, null, null, null] }),
      ...frames.tangent({
        step: 2,
        index: 1,
        logScale: 0.25,
        reset,
        data: [null, null, null, null],
      }),
      ...frames.metrics({ step: 3, epoch: 1, metrics: { accuracy: 0.5 } }),
      ...frames.close(),
    ])
  )
  assert.is(end, 'closed')
  const bare = back.map(({ offset: _, bytes: __, ...frame }) => frame)
  const part = { member: 0, at: 0, more: false }
  assert.equal(bare, [
    {
      kind: 'open',
      version: 1,
      run: 'w',
      members: 2,
      coupled: true,
      meta: { seed: 1 },
      tensors: tensors.map((tensor, i) => ({ ...tensor, elements: [20, 1, 0, 3][i] })),
    },
    {
      ...part,
      kind: 'anchor',
      step: 0,
      data: [
        f32(...values),
        encodeNumbers([0.1], 'f64'),
        new Uint8Array(0),
        encodeNumbers([1, 2, Number.NaN], 'bf16'),
      ],
    },
    {
      ...part,
      kind: 'delta',
      step: 1,
      member: 1,
      base: 0,
      epoch: 0.5,
      metrics: { loss: Infinity },
      data: [
        null,
        encodeNumbers([2], 'f64'),
        null,
        { i: u32(0, 2), v: encodeNumbers([1, -1], 'bf16') },
      ],
    },
    {
      ...part,
      kind: 'delta',
      step: 2,
      dtype: 'f64',
      data: [{ o: 18, b: encodeNumbers([1, 2], 'f64') }, null, null, null],
    },
    {
      ...part,
      kind: 'tangent',
      step: 2,
      index: 1,
      logScale: 0.25,
      reset: new Uint8Array(reset.buffer),
      data: [null, null, null, null],
    },
    { kind: 'metrics', step: 3, member: 0, epoch: 1, metrics: { accuracy: 0.5 } },
    { kind: 'close', frames: 5 },
  ])
})

const u32Array = (...indices: number[]): Uint32Array => Uint32Array.from(indices)

writer('puts kind, step and member first and data last, and leaves out what is not given', () => {
  const frames = frameWriter({ run: 'w', tensors: [tensors[0]] })
  const stream = joined([
    ...frames.open(),
    ...frames.delta({ data: [values], metrics: { loss: 1 }, base: 0, member: 0, step: 1 }),
    ...frames.delta({ step: 2, data: [values] }),
  ])
  assert.equal(unpacked(stream).map(Object.keys), [
    ['kind', 'version', 'run', 'tensors'],
    ['kind', 'step', 'member', 'base', 'metrics', 'data'],
    ['kind', 'step', 'data'],
  ])
})

writer('hands large payloads on as views and makes one chunk of small ones', () => {
  const shape = [1 << 20]
  const frames = frameWriter({
    run: 'w',
    tensors: [
      { name: 'a', shape, dtype: 'f32' },
      { name: 'b', shape: [8], dtype: 'f32' },
      { name: 'c', shape, dtype: 'f64' },
    ],
  })
  const a = new Float32Array(1 << 20)
  const c = new Float64Array((1 << 20) + 1).subarray(1)
  const chunks = frames.delta({ step: 1, data: [a, new Float32Array(8), c] })
  assert.is(chunks.length, 4)
  assert.is(chunks[1]!.buffer, a.buffer)
  assert.is(chunks[3]!.buffer, c.buffer)
  assert.is(chunks[3]!.byteOffset, 8)
  assert.ok(chunks[2]!.length < 100)
})

/** Puts together a tensor's bytes from the payloads of parts. */
function rebuilt(
  parts: readonly DeltaFrame[],
  tensor: number,
  length: number,
  size: number
): Uint8Array {
  const whole = new Uint8Array(length)
  for (const { at, data } of parts) {
    const payload = data[tensor - at]
    if (!payload) continue
    if (payload instanceof Uint8Array) whole.set(payload)
    else if ('o' in payload) whole.set(payload.b, payload.o * size)
    else {
      const indices = new Uint32Array(payload.i.slice().buffer)
      indices.forEach((index, k) => {
        whole.set(payload.v.subarray(k * size, (k + 1) * size), index * size)
      })
    }
  }
  return whole
}

writer('splits steps into parts that together are the step', () => {
  const shapes = [[10], [1000], [3], [0], [500], [7, 7], [1]]
  for (const dtype of ['f32', 'f64', 'f16'] as Dtype[]) {
    const size = { f32: 4, f64: 8, f16: 2, bf16: 2 }[dtype]
    const described = shapes.map((shape, i) => ({ name: `t${i}`, shape, dtype }))
    for (const partBytes of [1, 64, 1000, 1024, 2 ** 20]) {
      const frames = frameWriter({ run: 'w', tensors: described, partBytes })
      const elements = shapes.map((shape) => shape.reduce((product, n) => product * n, 1))
      const data = elements.map((count, i) =>
        Array.from({ length: count }, (_, k) => 1 + ((k * 7 + i) % 100))
      )
      const indices = Uint32Array.from({ length: 300 }, (_, k) => 3 * k)
      const sparse = { i: indices, v: [...indices].map((index) => data[1]![index]!) }
      const stream = joined([
        ...frames.open(),
        ...frames.delta({ step: 1, data }),
        ...frames.delta({
          step: 2,
          data: data.map((each, i) => (i === 1 ? sparse : i === 4 ? { o: 0, b: each } : null)),
        }),
        ...frames.close(),
      ])
      const { frames: back, end, error } = read(stream)
      assert.is(error, undefined, error?.message)
      assert.is(end, 'closed')
      for (const step of [1, 2]) {
        const parts = back.filter(
          (frame): frame is DeltaFrame => frame.kind === 'delta' && frame.step === step
        )
        assert.equal(
          parts.map(({ more }) => more),
          parts.map((_, k) => k + 1 < parts.length)
        )
        if (partBytes >= 64) for (const part of parts) assert.ok(part.bytes < partBytes + 200)
        elements.forEach((count, i) => {
          const dense = step === 1 || i === 4
          const expected = data[i]!.map((value, k) =>
            dense || (i === 1 && k % 3 === 0 && k < 900) ? value : 0
          )
          assert.equal(rebuilt(parts, i, count * size, size), encodeNumbers(expected, dtype))
        })
      }
      if (partBytes === 2 ** 20) assert.is(back.length, 4)
    }
  }
})

writer('gives metrics and resets to the first part alone, other keys to all', () => {
  const described = [{ name: 'w', shape: [4], dtype: 'f32' }] as const
  const frames = frameWriter({ run: 'w', tensors: described, partBytes: 8 })
  const data = [[1, 2, 3, 4]]
  const stream = joined([
    ...frames.delta({ step: 1, base: 0, epoch: 0.5, metrics: { loss: 1 }, data }),
    ...frames.tangent({ step: 1, index: 2, logScale: 3, reset: new Float64Array(1), data }),
  ])
  assert.equal(unpacked(stream).map(Object.keys), [
    ['kind', 'step', 'base', 'epoch', 'metrics', 'more', 'data'],
    ['kind', 'step', 'base', 'epoch', 'data'],
    ['kind', 'step', 'index', 'logScale', 'reset', 'more', 'data'],
    ['kind', 'step', 'index', 'logScale', 'data'],
  ])
})

writer('splits at 16 MiB', () => {
  const elements = 9 * 2 ** 20
  const frames = frameWriter({
    run: 'w',
    tensors: [{ name: 'a', shape: [elements], dtype: 'f32' }],
  })
  frames.open()
  const chunks = frames.delta({ step: 1, data: [new Float32Array(elements)] })
  const sizes = chunks.map((chunk) => chunk.length).filter((size) => size > 1000)
  assert.equal(sizes, [2 ** 24, 2 ** 24, 2 ** 22])
  assert.equal(unpacked(joined(frames.close())), [{ kind: 'close', frames: 3 }])
})

writer('counts the frames of each run anew', () => {
  const frames = frameWriter({ run: 'w', tensors: [tensors[0]] })
  for (const count of [2, 0, 1]) {
    frames.open()
    for (let step = 0; step < count; step++) frames.delta({ step, data: [null] })
    assert.equal(unpacked(joined(frames.close())), [{ kind: 'close', frames: count }])
  }
})

writer('refuses what a reader would refuse', () => {
  const refused = (code: string, act: () => unknown): void => {
    try {
      act()
      assert.unreachable()
    } catch (error) {
      assert.instance(error, ThalwegError)
      assert.is((error as ThalwegError).code, code)
    }
  }
  const frames = frameWriter({ run: 'w', tensors: [tensors[0]] })
  refused('E_PAYLOAD', () => frames.delta({ step: 1, data: [values.subarray(1)] }))
  refused('E_PAYLOAD', () => frames.delta({ step: 1, dtype: 'f64', data: [f32(...values)] }))
  refused('E_PAYLOAD', () => frames.delta({ step: 1, data: [{ i: u32Array(1, 0), v: [1, 2] }] }))
  refused('E_TENSOR', () => frames.delta({ step: 1, data: [] }))
  refused('E_TENSOR', () => frameWriter({ run: 'w', tensors: [{ ...tensors[0], shape: [-1] }] }))
  refused('E_TENSOR', () => frameWriter({ run: 'w', tensors: [] }))
  refused('E_TENSOR', () => frameWriter({ run: 'w', tensors: [tensors[0], tensors[0]] }))
})

writer.run()
