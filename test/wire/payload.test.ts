import { Packr } from 'msgpackr'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeNumbers, encodeNumbers } from '../../src/wire/dtype.ts'
import type { DeltaFrame, Dtype, Payload } from '../../src/wire/frame.ts'
import { bytes, chunkings, f32, pack, read, stream, u32 } from './streams.ts'

const payload = suite('payloads')

const dtypes: readonly Dtype[] = ['f32', 'f64', 'f16', 'bf16']

function opening(dtype: Dtype, shape: unknown): object {
  return { kind: 'open', version: 1, run: 'r', tensors: [{ name: 'w', shape, dtype }] }
}

/** The payload that a delta with this one gives, the same for all chunkings. */
function given(
  value: unknown,
  { dtype = 'f32', shape = [3] }: { dtype?: Dtype; shape?: unknown } = {}
): Payload {
  return readBack(stream(opening(dtype, shape), { kind: 'delta', step: 1, data: [value] }))
}

function readBack(bytes: Uint8Array): Payload {
  const whole = read(bytes)
  assert.is(whole.error, undefined, whole.error?.message)
  for (const { name, size } of chunkings(2)) assert.equal(read(bytes, size), whole, name)
  return (whole.frames[1] as DeltaFrame).data[0]!
}

payload('a bin is given as it is', () => {
  assert.equal(given(f32(1, -2, Number.NaN)), f32(1, -2, Number.NaN))
  assert.is(given(null), null)
  for (const dtype of dtypes) {
    const values = encodeNumbers([1, 2, 3], dtype)
    assert.equal(given(values, { dtype }), values)
  }
})

payload('a scalar and an empty tensor have one element and none', () => {
  assert.equal(given(f32(7), { shape: [] }), f32(7))
  assert.equal(given(new Uint8Array(0), { shape: [0] }), new Uint8Array(0))
  assert.equal(given(new Uint8Array(0), { shape: [4, 0, 2] }), new Uint8Array(0))
  assert.equal(given([], { shape: [0] }), new Uint8Array(0))
})

payload('sparse values and ranges are given as they are', () => {
  assert.equal(given({ i: u32(0, 2), v: f32(5, 6) }), { i: u32(0, 2), v: f32(5, 6) })
  assert.equal(given({ v: f32(), i: u32() }), { i: u32(), v: f32() })
  assert.equal(given({ o: 1, b: f32(5, 6) }), { o: 1, b: f32(5, 6) })
  assert.equal(given({ b: f32(), o: 3, note: [1, { a: 2 }] }), { o: 3, b: f32() })
})

payload('arrays of numbers become bytes of the tensor, whatever MessagePack made of them', () => {
  const numbers = [
    0,
    -1,
    127,
    -32,
    -33,
    200,
    60_000,
    -129,
    -40_000,
    2 ** 31,
    2 ** 40,
    -(2 ** 40),
    0.1,
  ]
  numbers.push(Number.NaN, Infinity, -Infinity, 1e300)
  for (const dtype of dtypes) {
    const shape = [numbers.length]
    assert.equal(given(numbers, { dtype, shape }), encodeNumbers(numbers, dtype), dtype)
  }
  const doubles = decodeNumbers(given(numbers, { dtype: 'f64', shape: [17] }) as Uint8Array, 'f64')
  assert.equal([...doubles], numbers)
  assert.equal(given({ i: [0, 2], v: [5, 6.5] }), { i: u32(0, 2), v: f32(5, 6.5) })
  assert.equal(given({ o: 1, b: [5, 6.5] }), { o: 1, b: f32(5, 6.5) })
})

payload('integers of all widths and 32-bit floats are numbers', () => {
  const values = bytes(
    ...[0xdc, 0, 11],
    ...[0x7f, 0xe0, 0xcc, 0xff, 0xd0, 0x80, 0xcd, 0xff, 0xfe, 0xd1, 0x80, 0x00],
    ...[0xce, 0xff, 0xff, 0xff, 0xff, 0xd2, 0x80, 0, 0, 0],
    ...[0xcf, 0, 0x10, 0, 0, 0, 0, 0, 1, 0xd3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ...[0xca, 0x3f, 0xc0, 0, 0]
  )
  const frame = bytes(
    0x83,
    pack('kind'),
    pack('delta'),
    pack('step'),
    1,
    pack('data'),
    0x91,
    values
  )
  const read64 = readBack(bytes(stream(opening('f64', [11])), frame)) as Uint8Array
  assert.equal(
    [...decodeNumbers(read64, 'f64')],
    [127, -32, 255, -128, 65534, -32768, 4294967295, -2147483648, 2 ** 52 + 1, -1, 1.5]
  )
})

payload('typed arrays are taken as their bytes', () => {
  const packr = new Packr({ useRecords: false, moreTypes: true })
  const sent = (dtype: Dtype, value: unknown): Payload =>
    readBack(
      bytes(
        stream(opening(dtype, [3])),
        new Uint8Array(packr.pack({ kind: 'delta', step: 1, data: [value] }))
      )
    )
  assert.equal(sent('f32', Float32Array.of(1, 2, 3)), f32(1, 2, 3))
  assert.equal(sent('f64', Float64Array.of(1, 2, 3)), encodeNumbers([1, 2, 3], 'f64'))
  assert.equal(sent('f16', Uint16Array.of(0x3c00, 0x4000, 0x4200)), encodeNumbers([1, 2, 3], 'f16'))
  assert.equal(
    sent('bf16', Uint16Array.of(0x3f80, 0x4000, 0x4040)),
    encodeNumbers([1, 2, 3], 'bf16')
  )
  assert.equal(sent('f32', { i: Uint32Array.of(1), v: Float32Array.of(4) }), {
    i: u32(1),
    v: f32(4),
  })
})

payload("a frame's dtype overrides the tensors'", () => {
  for (const dtype of dtypes) {
    const frame = { kind: 'delta', step: 1, dtype, data: [[1, 2, 3]] }
    assert.equal(readBack(stream(opening('f32', [3]), frame)), encodeNumbers([1, 2, 3], dtype))
    assert.equal(
      readBack(stream(opening('f32', [3]), { kind: 'delta', step: 1, data: [[1, 2, 3]], dtype })),
      encodeNumbers([1, 2, 3], dtype)
    )
  }
})

payload.run()
