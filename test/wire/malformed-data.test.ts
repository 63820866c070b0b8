import { after, opening, place, refusals } from './refusals.ts'
import { bytes, delta, f32, open, pack, stream, u32 } from './streams.ts'

const { refuses, refusesData, refusesFrame, run } = refusals('malformed data')

refusesFrame(
  'data that is a bin',
  delta({ data: f32(1, 2, 3) }),
  'data',
  'E_FRAME_KEY',
  '"data" is of type bin'
)
refusesFrame(
  'too many payloads',
  delta({ data: [null, null] }),
  'data',
  'E_TENSOR',
  '2 payloads from tensor 0 on, but "open" has 1 tensors'
)
refusesFrame(
  'payloads past the last tensor',
  delta({ at: 1 }),
  'data',
  'E_TENSOR',
  '1 payloads from tensor 1 on'
)
refusesFrame(
  'an unknown dtype of a frame',
  delta({ dtype: 'f8' }),
  'dtype',
  'E_DTYPE',
  '"dtype" is "f8", expected one of'
)
refusesData(
  'a payload that is too short',
  [f32(1, 2)],
  1,
  'E_PAYLOAD',
  'tensor "w": 8 bytes, expected 12 (shape [3], 3 elements of 4 bytes, f32)'
)
refusesData(
  'a payload that is too long',
  [f32(1, 2, 3, 4)],
  1,
  'E_PAYLOAD',
  '16 bytes, expected 12'
)
const halves = { kind: 'delta', step: 1, data: [f32(1, 2, 3)], dtype: 'f16' }
refuses('a payload of another dtype than the frame says', stream(open(), halves), [
  'E_PAYLOAD',
  after + place(delta(), 'data') + 1,
  '12 bytes, expected 6',
])
refusesData('a payload that is a number', [3], 1, 'E_PAYLOAD', 'tensor "w": a payload of type int')
refusesData('a payload that is a string', ['abc'], 1, 'E_PAYLOAD', 'type str')
refusesData('a payload that is a boolean', [true], 1, 'E_PAYLOAD', 'type bool')
refusesData('a timestamp as a payload', [new Date(0)], 1, 'E_PAYLOAD', 'type ext')
refusesData(
  'a map that is neither sparse nor a range',
  [{ i: u32(1), b: f32(1) }],
  1,
  'E_FRAME_KEY',
  'without {i, v} or {o, b}'
)
refusesData(
  'sparse values without enough of them',
  [{ i: u32(0, 2), v: f32(1) }],
  1,
  'E_PAYLOAD',
  '2 sparse indices with 4 bytes of values, expected 8'
)
refusesData(
  'sparse indices that are cut off',
  [{ i: new Uint8Array(6), v: f32(1) }],
  1,
  'E_PAYLOAD',
  '6 bytes, expected a multiple of 4'
)
refusesData(
  'sparse indices that descend',
  [{ i: u32(2, 1), v: f32(1, 2) }],
  1,
  'E_PAYLOAD',
  'index 1 comes after 2'
)
refusesData(
  'a sparse index that comes twice',
  [{ i: u32(2, 2), v: f32(1, 2) }],
  1,
  'E_PAYLOAD',
  'index 2 comes after 2'
)
refusesData(
  'a sparse index outside the tensor',
  [{ i: u32(0, 3), v: f32(1, 2) }],
  1,
  'E_PAYLOAD',
  'index 3, but the tensor has 3 elements'
)
refusesData(
  'a range that is cut off',
  [{ o: 0, b: new Uint8Array(6) }],
  1,
  'E_PAYLOAD',
  'a range of 6 bytes, expected a multiple of 4'
)
refusesData(
  'a range past the end',
  [{ o: 2, b: f32(1, 2) }],
  1,
  'E_PAYLOAD',
  '2 elements from 2 on, but the tensor has 3'
)
refusesData(
  'a range from far outside',
  [{ o: 2 ** 53 - 1, b: f32(1) }],
  1,
  'E_PAYLOAD',
  'from 9007199254740991 on'
)
refusesData(
  'a range from a fraction',
  [{ o: 0.5, b: f32(1) }],
  4,
  'E_FRAME_KEY',
  '"o" is 0.5, expected an integer >= 0'
)
refusesData('a range from a string', [{ o: 'x', b: f32(1) }], 4, 'E_FRAME_KEY', '"o" is str')
refusesData('too few numbers', [[1, 2]], 1, 'E_PAYLOAD', '8 bytes, expected 12')
refusesData(
  'something else among numbers',
  [[1, null, 3]],
  3,
  'E_PAYLOAD',
  'a value of type nil among numbers'
)
refusesData('a negative sparse index', [{ i: [-1], v: [1] }], 5, 'E_PAYLOAD', 'sparse index -1')
refusesData(
  'a sparse index with a fraction',
  [{ i: [0.5], v: [1] }],
  5,
  'E_PAYLOAD',
  'sparse index 0.5'
)

const typed = (code: number, body: Uint8Array): Uint8Array =>
  bytes(
    opening,
    0x83,
    pack('kind'),
    pack('delta'),
    pack('step'),
    1,
    pack('data'),
    0x91,
    0xc7,
    body.length + 1,
    0x74,
    code,
    body
  )
const typedAt = typed(7, f32(1, 2, 3)).length - 16
refuses('a typed array of another type', typed(8, new Uint8Array(24)), [
  'E_DTYPE',
  typedAt,
  'a Float64Array, expected Float32Array for f32',
])
refuses('a typed array of an unknown type', typed(99, new Uint8Array(12)), [
  'E_DTYPE',
  typedAt,
  'a (code 99) Array',
])
refuses(
  'a typed array of no type',
  bytes(typed(7, f32(1, 2, 3)).subarray(0, typedAt), 0xc7, 0, 0x74),
  ['E_DTYPE', typedAt, 'typed array without a type']
)

run()
