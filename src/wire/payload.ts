import { type ErrorCode, ThalwegError } from '../error.ts'
import { checkPayload, tensorName } from './check-payload.ts'
import type { Cursor } from './cursor.ts'
import { setElement } from './dtype.ts'
import { countExpected, isCount } from './envelope.ts'
import type { Dtype, Payload, Tensor } from './frame.ts'
import { dtypeBytes } from './frame.ts'

/** Element types of a payload's bytes: a tensor's type, or u32 for sparse indices. */
type ElementType = Dtype | 'u32'

/**
 * For each element type, the code of the typed array (extension 0x74) with the same bytes. `Uint8Array` is accepted for every
 * type.
 */
const typedArrayCodes: Readonly<Record<ElementType, number>> = {
  f32: 7,
  f64: 8,
  f16: 4,
  bf16: 4,
  u32: 6,
}
const typedArrays = [
  'Int8',
  'Uint8',
  'Uint8Clamped',
  'Int16',
  'Uint16',
  'Int32',
  'Uint32',
  'Float32',
  'Float64',
]
const uint8ArrayCode = 1

/** Reads a frame's array `data`. Payloads are views into the frame's bytes, except for arrays of numbers. */
export class PayloadReader {
  readonly #cursor: Cursor
  /** How many more bytes the frame's arrays of numbers may take once decoded. */
  #budget: number
  #tensor!: Tensor
  #dtype: Dtype = 'f32'

  constructor(cursor: Cursor, budget: number) {
    this.#cursor = cursor
    this.#budget = budget
  }

  /**
   * Reads the payloads of tensors `at`, `at + 1`, ... If `dtype` is given, it overrides the tensors' own types.
   *
   * @throws E_FRAME_KEY, E_TENSOR, E_DTYPE, E_PAYLOAD, E_FRAME_SIZE
   */
  read(tensors: readonly Tensor[], at: number, dtype?: Dtype): Payload[] {
    const cursor = this.#cursor
    cursor.next()
    if (cursor.kind !== 'array') {
      this.#fail(
        'E_FRAME_KEY',
        `"data" is of type ${cursor.kind}, expected an array with one payload a tensor.`
      )
    }
    const count = cursor.size
    if (at + count > tensors.length) {
      this.#fail(
        'E_TENSOR',
        `"data" has ${count} payloads from tensor ${at} on, but "open" has ${tensors.length} tensors. ` +
          'Send one payload a tensor, in their order.'
      )
    }
    const payloads = new Array<Payload>(count)
    for (let k = 0; k < count; k++) {
      this.#tensor = tensors[at + k]!
      this.#dtype = dtype ?? this.#tensor.dtype
      cursor.next()
      const { offset } = cursor
      payloads[k] = this.#payload()
      checkPayload(payloads[k]!, this.#tensor, this.#dtype, offset)
    }
    return payloads
  }

  #payload(): Payload {
    const cursor = this.#cursor
    if (cursor.kind === 'nil') return null
    if (cursor.kind !== 'map') return this.#bytes(this.#dtype)
    const { offset } = cursor
    const found: { i?: Uint8Array; v?: Uint8Array; o?: number; b?: Uint8Array } = {}
    for (let keys = cursor.size; keys > 0; keys--) {
      cursor.next()
      const key = String.fromCharCode(...cursor.body())
      if (key === 'o') found.o = this.#place()
      else if (key === 'i' || key === 'v' || key === 'b') {
        cursor.next()
        found[key] = this.#bytes(key === 'i' ? 'u32' : this.#dtype)
      } else cursor.skip()
    }
    const { i, v, o, b } = found
    if (i && v) return { i, v }
    if (o !== undefined && b) return { o, b }
    throw new ThalwegError(
      'E_FRAME_KEY',
      `${tensorName(this.#tensor)}: a map without {i, v} or {o, b}, expected sparse values or a range.`,
      { offset }
    )
  }

  /** Reads where a range begins. */
  #place(): number {
    const place = this.#cursor.number()
    return isCount(place)
      ? place
      : this.#refuse(
          'E_FRAME_KEY',
          `"o" is ${place ?? this.#cursor.kind}, expected ${countExpected(place)}.`
        )
  }

  /** The bytes of the value that the cursor has begun. */
  #bytes(type: ElementType): Uint8Array {
    const cursor = this.#cursor
    if (cursor.kind === 'bin') return cursor.body()
    if (cursor.kind === 'array') return this.#numbers(type)
    if (cursor.isTypedArray) return this.#typedArray(type)
    return this.#refuse(
      'E_PAYLOAD',
      `a payload of type ${cursor.kind}, expected bin, nil, {i, v}, {o, b}, a typed array or numbers. ` +
        'Pack bytes as bin, not as str.'
    )
  }

  /** The bytes of a typed array, without the first byte, which is the code of its type. */
  #typedArray(type: ElementType): Uint8Array {
    const body = this.#cursor.body()
    const code = body[0]
    if (code === undefined) this.#refuse('E_DTYPE', 'a typed array without a type.')
    if (code !== typedArrayCodes[type] && code !== uint8ArrayCode) {
      this.#refuse(
        'E_DTYPE',
        `a ${typedArrays[code] ?? `(code ${code}) `}Array, expected ${typedArrays[typedArrayCodes[type]]}Array for ` +
          `${type}. Send that, or name the frame's "dtype".`
      )
    }
    return body.subarray(1)
  }

  #numbers(type: ElementType): Uint8Array {
    const cursor = this.#cursor
    const size = type === 'u32' ? 4 : dtypeBytes[type]
    const count = cursor.size
    this.#budget -= count * size
    if (this.#budget < 0) {
      this.#refuse(
        'E_FRAME_SIZE',
        `the frame's arrays of numbers widen to more than "limits.frameBytes". Send bin.`
      )
    }
    const bytes = new Uint8Array(count * size)
    const view = new DataView(bytes.buffer)
    for (let k = 0; k < count; k++) {
      const value = cursor.number()
      if (value === undefined) {
        this.#refuse('E_PAYLOAD', `a value of type ${cursor.kind} among numbers. Send bin.`)
      }
      if (type !== 'u32') setElement(view, k * size, value, type)
      else if (value >>> 0 === value) view.setUint32(k * size, value, true)
      else this.#refuse('E_PAYLOAD', `sparse index ${value}, expected an integer below 2^32.`)
    }
    return bytes
  }

  #refuse(code: ErrorCode, what: string): never {
    return this.#fail(code, `${tensorName(this.#tensor)}: ${what}`)
  }

  #fail(code: ErrorCode, message: string): never {
    throw new ThalwegError(code, message, { offset: this.#cursor.offset })
  }
}
