import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  decodeNumbers,
  encodeNumbers,
  fromBf16,
  fromF16,
  toBf16,
  toF16,
} from '../../src/wire/dtype.ts'

const dtype = suite('element types')

/** The definition of a 16-bit float with this many fraction bits. */
function defined(bits: number, fractionBits: number): number {
  const sign = bits >>> 15 ? -1 : 1
  const bias = 2 ** (14 - fractionBits) - 1
  const exponent = (bits & 0x7fff) >>> fractionBits
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits
  if (exponent === 2 * bias + 1) return fraction === 0 ? sign * Infinity : Number.NaN
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias)
  return sign * (1 + fraction) * 2 ** (exponent - bias)
}

/** The next f64 away from zero. */
function beyond(x: number): number {
  const value = Float64Array.of(x)
  new BigUint64Array(value.buffer)[0]! += 1n
  return value[0]!
}

/** The next f64 towards zero. */
function before(x: number): number {
  const value = Float64Array.of(x)
  new BigUint64Array(value.buffer)[0]! -= 1n
  return value[0]!
}

const formats = [
  { name: 'f16', fractionBits: 10, infinity: 0x7c00, quiet: 0x7e00, from: fromF16, to: toF16 },
  { name: 'bf16', fractionBits: 7, infinity: 0x7f80, quiet: 0x7fc0, from: fromBf16, to: toBf16 },
]

for (const { name, fractionBits, infinity, quiet, from, to } of formats) {
  dtype(`${name}: all 65,536 patterns have their defined values`, () => {
    for (let bits = 0; bits < 65536; bits++) {
      assert.ok(Object.is(from(bits), defined(bits, fractionBits)), `${bits}`)
    }
  })

  dtype(`${name}: all 65,536 patterns come back, not-a-numbers as the quiet one`, () => {
    for (let bits = 0; bits < 65536; bits++) {
      const expected = (bits & 0x7fff) > infinity ? quiet : bits
      assert.is(to(from(bits)), expected)
    }
  })

  dtype(
    `${name}: between any two neighbours the nearer wins, and at the middle the even one`,
    () => {
      for (const sign of [1, -1]) {
        for (let bits = 0; bits < infinity; bits++) {
          const low = defined(bits, fractionBits)
          // Beyond the largest finite value lies the power of two that the exponent would have next.
          const last = bits + 1 === infinity
          const high = last
            ? 2 * low - defined(bits - 1, fractionBits)
            : defined(bits + 1, fractionBits)
          const middle = (low + high) / 2
          const pattern = (each: number) => (sign < 0 ? 0x8000 : 0) | each
          assert.is(to(sign * middle), pattern(bits % 2 === 0 ? bits : bits + 1))
          assert.is(to(sign * before(middle)), pattern(bits))
          assert.is(to(sign * beyond(middle)), pattern(bits + 1))
        }
      }
    }
  )

  dtype(`${name}: what is too small becomes a zero, what is too large an infinity`, () => {
    assert.is(to(5e-324), 0)
    assert.is(to(-1e-60), 0x8000)
    assert.is(to(1e300), infinity)
    assert.is(to(-Infinity), 0x8000 | infinity)
    assert.is(to(Number.NaN), quiet)
  })
}

dtype('numbers become little-endian bytes and come back', () => {
  const numbers = [0, -1.5, 0.25, 1024, Infinity, -Infinity, Number.NaN]
  for (const each of ['f32', 'f64', 'f16', 'bf16'] as const) {
    const bytes = encodeNumbers(numbers, each)
    assert.equal([...decodeNumbers(bytes, each)], numbers, each)
    const shifted = new Uint8Array(bytes.length + 1)
    shifted.set(bytes, 1)
    assert.equal([...decodeNumbers(shifted.subarray(1), each)], numbers, `${each}, unaligned`)
  }
  assert.equal([...encodeNumbers([1], 'f32')], [0, 0, 0x80, 0x3f])
  assert.equal([...encodeNumbers([1], 'f64')], [0, 0, 0, 0, 0, 0, 0xf0, 0x3f])
  assert.equal([...encodeNumbers([1], 'f16')], [0, 0x3c])
  assert.equal([...encodeNumbers([1], 'bf16')], [0x80, 0x3f])
})

dtype.run()
