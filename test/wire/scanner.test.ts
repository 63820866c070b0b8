import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ThalwegError } from '../../src/error.ts'
import { defaultLimits, type Limits } from '../../src/wire/limits.ts'
import { Scanner } from '../../src/wire/scanner.ts'
import { bytes, chunkings, pack, random } from './streams.ts'

const scanner = suite('the scanner')

/** Where a value ends that comes in chunks. */
function endOf(stream: Uint8Array, size: () => number, limits: Partial<Limits> = {}): number {
  const scan = new Scanner({ ...defaultLimits, ...limits })
  scan.begin(0)
  for (let at = 0; at < stream.length; ) {
    const chunk = stream.slice(at, at + size())
    const end = scan.scan(chunk, 0, at)
    if (end >= 0) return at + end
    at += chunk.length
  }
  return -1
}

function refusal(stream: Uint8Array, limits: Partial<Limits> = {}): ThalwegError {
  const whole = refusalOf(stream, () => stream.length, limits)
  for (const { name, size } of stream.length < 10_000 ? chunkings(3) : []) {
    assert.is(refusalOf(stream, size, limits).message, whole.message, name)
  }
  return whole
}

function refusalOf(stream: Uint8Array, size: () => number, limits: Partial<Limits>): ThalwegError {
  let end: number
  try {
    end = endOf(stream, size, limits)
  } catch (error) {
    if (error instanceof ThalwegError) return error
    throw error
  }
  return assert.unreachable(`ended at ${end}`) as never
}

function anyValue(next: () => number, depth: number): unknown {
  const small = () => Math.floor(next() * 20)
  const makers = [
    () => null,
    () => next() < 0.5,
    () => Math.floor((next() - 0.5) * 2 ** Math.floor(next() * 54)),
    () => next(),
    () => 'é'.repeat(Math.floor(next() * 3 ** small()) % 30_000),
    () => new Uint8Array(Math.floor(next() * 2 ** small())),
    () => new Date(Math.floor(next() * 1e12)),
    () => Array.from({ length: small() }, () => anyValue(next, depth - 1)),
    () =>
      Object.fromEntries(
        Array.from({ length: small() }, (_, i) => [`k${i}`, anyValue(next, depth - 1)])
      ),
    () => Array.from({ length: Math.floor(60_000 * next() ** 4) }, small),
  ]
  return makers[Math.floor(next() * (depth > 0 ? makers.length : 7))]!()
}

scanner('finds the end that msgpackr wrote, whatever the chunks', () => {
  const next = random(1)
  for (let round = 0; round < 60; round++) {
    const value = pack({ value: anyValue(next, 4) })
    const longer = bytes(value, 0x81, 0xa1, 'x', 0xc0)
    for (const { name, size } of chunkings(round)) {
      assert.is(endOf(longer, size), value.length, `round ${round}, ${name}`)
      assert.is(endOf(value.subarray(0, -1), size), -1)
    }
  }
})

scanner('looks at the body of a bin only to pass it', () => {
  const value = pack({ data: [new Uint8Array(8).fill(0xc1)] })
  assert.is(
    endOf(value, () => value.length),
    value.length
  )
})

const nested = (depth: number): Uint8Array =>
  bytes(0x81, 0xa1, 'x', ...Array(depth - 1).fill(0x91), 0xc0)
const frameBytes = 4096
const declared = (token: number, bytesOfLength: number): Uint8Array =>
  bytes(0x81, 0xa1, 'x', token, ...Array(bytesOfLength).fill(0xff))

const refused: [name: string, value: Uint8Array, code: string, offset: number, message: RegExp][] =
  [
    [
      'a bin longer than a frame',
      declared(0xc6, 4),
      'E_FRAME_SIZE',
      3,
      /4294967303 bytes, at most 4096/,
    ],
    [
      'a string longer than a frame',
      bytes(0x81, 0xa1, 'x', 0xda, 0x10, 0),
      'E_FRAME_SIZE',
      3,
      /4102 bytes/,
    ],
    ['an array longer than a frame', declared(0xdd, 4), 'E_FRAME_SIZE', 3, /at most 4096/],
    ['a map longer than a frame', declared(0xdf, 4), 'E_FRAME_SIZE', 3, /8589934598 bytes/],
    [
      'an extension longer than a frame',
      bytes(0x81, 0xa1, 'x', 0xc9, 0xff, 0xff, 0xff, 0xff, 0x74),
      'E_FRAME_SIZE',
      3,
      /at most 4096/,
    ],
    [
      'a string over 64 KiB',
      bytes(0x81, 0xa1, 'x', 0xdb, 0, 1, 0, 1),
      'E_LIMIT',
      3,
      /string of 65537 bytes, at most 65536/,
    ],
    [
      'a key over 256 bytes',
      bytes(0x81, 0xda, 1, 1),
      'E_LIMIT',
      1,
      /key of 257 bytes, at most 256/,
    ],
    ['a deep value', nested(17), 'E_LIMIT', 18, /array at depth 17, at most 16/],
    [
      'an array of too many',
      bytes(0x81, 0xa1, 'x', 0xdd, 0, 1, 0, 1),
      'E_LIMIT',
      3,
      /array of 65537 elements, at most 65536/,
    ],
    [
      'a map of too many',
      bytes(0x81, 0xa1, 'x', 0xdf, 0, 1, 0, 1),
      'E_LIMIT',
      3,
      /map of 65537 elements, at most 65536/,
    ],
    [
      'a `data` of too many',
      bytes(0x81, 0xa4, 'data', 0xdd, 0, 1, 0, 1),
      'E_LIMIT',
      6,
      /array of 65537 elements/,
    ],
    ['byte 0xc1', bytes(0x81, 0xa1, 'x', 0xc1), 'E_FRAME', 3, /0xc1/],
    [
      'a record definition',
      bytes(0x81, 0xa1, 'x', 0xd4, 0x72, 0x40),
      'E_FRAME',
      3,
      /type 114 .* records/,
    ],
    [
      'a long record definition',
      bytes(0x81, 0xa1, 'x', 0xd5, 0x72, 0x40, 0x01),
      'E_FRAME',
      3,
      /type 114/,
    ],
    ['a negative extension type', bytes(0x81, 0xa1, 'x', 0xc7, 2, 0xfe), 'E_FRAME', 3, /type -2 /],
    [
      'an integer as a key',
      bytes(0x81, 0x07, 0xc0),
      'E_FRAME',
      1,
      /key is an int, expected a string/,
    ],
    ['a key that is a map', bytes(0x81, 0xa1, 'x', 0x81, 0x80, 0xc0), 'E_FRAME', 4, /key is a map/],
  ]

for (const [name, value, code, offset, message] of refused) {
  scanner(`refuses ${name}`, () => {
    const limits = code === 'E_FRAME_SIZE' ? { frameBytes } : {}
    const error = refusal(value, limits)
    assert.is(error.code, code)
    assert.is(error.offset, offset)
    assert.match(error.message, message)
  })
}

scanner('refuses the extensions that would make more than bytes', () => {
  for (const type of [0x00, 0x42, 0x62, 0x65, 0x69, 0x70, 0x72, 0x73, 0x78]) {
    assert.is(refusal(bytes(0x81, 0xa1, 'x', 0xc7, 4, type)).code, 'E_FRAME')
    assert.is(refusal(bytes(0x81, 0xa1, 'x', 0xd6, type)).code, 'E_FRAME')
  }
})

scanner('passes what is just within the limits', () => {
  const whole = (value: Uint8Array, limits: Partial<Limits> = {}) =>
    assert.is(
      endOf(value, () => value.length, limits),
      value.length
    )
  whole(nested(16))
  whole(pack({ x: 's'.repeat(65_536) }))
  whole(pack({ ['k'.repeat(256)]: 1 }))
  whole(pack({ x: Array(65_536).fill(null) }))
  const full = pack({ x: new Uint8Array(1000) })
  whole(full, { frameBytes: full.length })
  assert.is(refusal(full, { frameBytes: full.length - 1 }).code, 'E_FRAME_SIZE')
})

scanner('lets `data` hold as many tensors as the limit names', () => {
  const value = pack({ data: Array(70_000).fill(null) })
  assert.is(refusal(value).code, 'E_LIMIT')
  assert.is(
    endOf(value, () => value.length, { tensors: 70_000 }),
    value.length
  )
})

scanner('lets arrays of numbers in `data` be as long as a frame', () => {
  const numbers = Array.from({ length: 200_000 }, (_, i) => i % 100)
  const payload = pack({ data: [numbers, { i: numbers, v: numbers }] })
  assert.is(
    endOf(payload, () => 65_536),
    payload.length
  )
  assert.is(refusal(pack({ other: [numbers] })).code, 'E_LIMIT')
  assert.is(refusal(pack({ data: [null], other: [numbers] })).code, 'E_LIMIT')
})

scanner('counts values that are not numbers of `data`', () => {
  const limits = { tensors: 1 }
  const many = Array.from({ length: 40 }, () => Array(4000).fill(null))
  assert.match(refusal(pack({ data: [many] }), limits).message, /more than 131104 values/)
  assert.match(refusal(pack({ data: many }), limits).message, /more than 131104 values/)
  const numbers = many.map((each) => each.map(() => 1))
  assert.match(refusal(pack({ meta: numbers }), limits).message, /more than 131104 values/)
})

scanner.run()
