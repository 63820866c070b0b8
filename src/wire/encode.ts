import { Packr } from '#msgpackr/pack'
import type { Payload } from './frame.ts'
import type { Part } from './parts.ts'

const packr = new Packr({ useRecords: false, variableMapSize: true })

/** Payloads of at least this size are passed on as views. Smaller ones are copied next to the heads around them. */
const viewBytes = 1 << 14

/** Keys of a frame, in the order in which they are written. Undefined values are left out. */
export type Keys = Readonly<Record<string, unknown>>

/** The bytes of a frame without `data`. */
export function encodeKeys(keys: Keys): Uint8Array {
  return packr.pack(
    Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined))
  )
}

/** The bytes of a frame whose last key is `data`: as few chunks as possible, and large payloads are not copied. */
export function encodePart(keys: Keys, part: Part): Uint8Array[] {
  const encoder = new Encoder()
  encoder.map(keys, 1)
  encoder.key('data')
  encoder.array(part.data.length)
  for (const payload of part.data) encodePayload(encoder, payload)
  return encoder.take()
}

function encodePayload(encoder: Encoder, payload: Payload): void {
  if (payload === null) encoder.nil()
  else if (payload instanceof Uint8Array) encoder.bin(payload)
  else if ('i' in payload) {
    encoder.map({}, 2)
    encoder.key('i')
    encoder.bin(payload.i)
    encoder.key('v')
    encoder.bin(payload.v)
  } else {
    encoder.map({ o: payload.o }, 1)
    encoder.key('b')
    encoder.bin(payload.b)
  }
}

class Encoder {
  readonly #chunks: Uint8Array[] = []
  #small = new Uint8Array(256)
  #used = 0

  /** Begins a map: these keys with their values, and `more` keys that the caller adds. Fewer than 16 keys in all. */
  map(keys: Keys, more: number): void {
    const packed = encodeKeys(keys)
    packed[0]! += more
    this.#push(packed)
  }

  key(name: string): void {
    this.#push(packr.pack(name))
  }

  nil(): void {
    this.#head(0xc0, 0, 0)
  }

  array(length: number): void {
    if (length < 16) this.#head(0x90 | length, 0, 0)
    else if (length < 2 ** 16) this.#head(0xdc, length, 2)
    else this.#head(0xdd, length, 4)
  }

  bin(bytes: Uint8Array): void {
    if (bytes.length < 2 ** 8) this.#head(0xc4, bytes.length, 1)
    else if (bytes.length < 2 ** 16) this.#head(0xc5, bytes.length, 2)
    else this.#head(0xc6, bytes.length, 4)
    if (bytes.length < viewBytes) this.#push(bytes)
    else {
      this.#flush()
      this.#chunks.push(bytes)
    }
  }

  /** All chunks, in order. */
  take(): Uint8Array[] {
    this.#flush()
    return this.#chunks
  }

  /** Writes a token and a big-endian length of this many bytes. */
  #head(token: number, length: number, bytes: number): void {
    this.#reserve(1 + bytes)
    this.#small[this.#used++] = token
    for (let shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      this.#small[this.#used++] = length >>> shift
    }
  }

  #push(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#small.set(bytes, this.#used)
    this.#used += bytes.length
  }

  #reserve(bytes: number): void {
    const needed = this.#used + bytes
    if (needed <= this.#small.length) return
    const larger = new Uint8Array(Math.max(needed, 2 * this.#used, 256))
    larger.set(this.#small.subarray(0, this.#used))
    this.#small = larger
  }

  #flush(): void {
    if (this.#used > 0) this.#chunks.push(this.#small.subarray(0, this.#used))
    this.#small = this.#small.subarray(this.#used)
    this.#used = 0
  }
}
