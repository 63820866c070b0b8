import type { Dtype } from './frame.ts'
import { dtypeBytes } from './frame.ts'

const f64 = new Float64Array(1)
const f64Words = new Uint32Array(f64.buffer)
const f32 = new Float32Array(1)
const f32Word = new Uint32Array(f32.buffer)

/** The value of an f16 bit pattern. */
export function fromF16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >>> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 5.9604644775390625e-8
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN
  f32Word[0] = ((exponent + 112) << 23) | (fraction << 13)
  return sign * f32[0]!
}

/** The value of a bf16 bit pattern: the upper half of an f32. */
export function fromBf16(bits: number): number {
  f32Word[0] = bits << 16
  return f32[0]!
}

/** The f16 bit pattern nearest to a value, ties to even. */
export function toF16(value: number): number {
  return narrow(value, 10, 15)
}

/** The bf16 bit pattern nearest to a value, ties to even, rounded once from f64. */
export function toBf16(value: number): number {
  return narrow(value, 7, 127)
}

/** A 16-bit pattern with this many fraction bits and this exponent bias. */
function narrow(value: number, fractionBits: number, bias: number): number {
  f64[0] = value
  const low = f64Words[0]!
  const high = f64Words[1]!
  const sign = (high >>> 16) & 0x8000
  const infinity = (2 * bias + 1) << fractionBits
  if (Number.isNaN(value)) return infinity | (1 << (fractionBits - 1))
  const exponent = ((high >>> 20) & 0x7ff) - 1023 + bias
  if (exponent > 2 * bias) return sign | infinity
  const tiny = exponent <= 0
  const shift = 20 - fractionBits + (tiny ? 1 - exponent : 0)
  if (shift > 22) return sign
  const wide = (high & 0xfffff) | (tiny ? 0x100000 : exponent << 20)
  const rest = wide & ((1 << shift) - 1)
  const half = 1 << (shift - 1)
  let bits = wide >>> shift
  if (rest > half || (rest === half && (low !== 0 || (bits & 1) === 1))) bits++
  return sign | bits
}

/** Writes a number as one little-endian element. */
export function setElement(view: DataView, offset: number, value: number, dtype: Dtype): void {
  if (dtype === 'f32') view.setFloat32(offset, value, true)
  else if (dtype === 'f64') view.setFloat64(offset, value, true)
  else view.setUint16(offset, dtype === 'f16' ? toF16(value) : toBf16(value), true)
}

/** Little-endian bytes of numbers. */
export function encodeNumbers(numbers: ArrayLike<number>, dtype: Dtype): Uint8Array {
  const size = dtypeBytes[dtype]
  const bytes = new Uint8Array(numbers.length * size)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < numbers.length; i++) setElement(view, i * size, numbers[i]!, dtype)
  return bytes
}

/** Reads numbers from little-endian bytes, one at a time. */
export function* numbersOf(bytes: Uint8Array, dtype: Dtype): Generator<number> {
  const size = dtypeBytes[dtype]
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const element = {
    f32: (at: number) => view.getFloat32(at, true),
    f64: (at: number) => view.getFloat64(at, true),
    f16: (at: number) => fromF16(view.getUint16(at, true)),
    bf16: (at: number) => fromBf16(view.getUint16(at, true)),
  }[dtype]
  for (let at = 0; at + size <= bytes.length; at += size) yield element(at)
}

/** Reads numbers from little-endian bytes. */
export function decodeNumbers(bytes: Uint8Array, dtype: Dtype): Float64Array {
  return Float64Array.from(numbersOf(bytes, dtype))
}
