import { Unpackr } from '#msgpackr/unpack'
import { type ErrorCode, ThalwegError } from '../error.ts'
import { quoted } from '../plain.ts'
import { Cursor } from './cursor.ts'
import { frameKinds, type Json, type Metrics } from './frame.ts'

const unpackr = new Unpackr({
  useRecords: false,
  mapsAsObjects: true,
  structuredClone: false,
  int64AsType: 'number',
  moreTypes: false,
})

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** Where a value begins and ends in the frame's bytes. */
interface Span {
  readonly at: number
  readonly end: number
}

/** A frame's keys and the places of their values. A value is decoded only when someone asks for it. */
export class Envelope {
  /** Byte offset of the frame in the stream. */
  readonly offset: number
  readonly bytes: Uint8Array
  readonly kind: string
  readonly #spans = new Map<string, Span>()

  constructor(bytes: Uint8Array, offset: number) {
    this.bytes = bytes
    this.offset = offset
    this.kind = 'frame'
    const cursor = new Cursor(bytes, offset)
    cursor.next()
    for (let keys = cursor.size; keys > 0; keys--) {
      const start = cursor.at
      cursor.skip()
      const at = cursor.at
      const key = this.#unpack({ at: start, end: at }) as string
      if (this.#spans.has(key)) this.fail('E_FRAME_KEY', key, 'comes twice. Write it once.')
      cursor.skip()
      this.#spans.set(key, { at, end: cursor.at })
    }
    this.kind = this.string('kind')
  }

  has(key: string): boolean {
    return this.#spans.has(key)
  }

  /** Size in bytes of a required key's value. */
  lengthOf(key: string): number {
    const { at, end } = this.#span(key)
    return end - at
  }

  /** A cursor at the value of a required key. */
  cursor(key: string): Cursor {
    const cursor = new Cursor(this.bytes, this.offset)
    cursor.at = this.#span(key).at
    return cursor
  }

  /** The decoded value of a key. The key is required unless there is a default, `otherwise`. */
  value(key: string, otherwise?: unknown): unknown {
    return otherwise !== undefined && !this.has(key) ? otherwise : this.#unpack(this.#span(key))
  }

  string(key: string): string {
    const value = this.value(key)
    return typeof value === 'string' ? value : this.mistaken(key, value, 'a string')
  }

  /** An integer >= 0. A float without a fraction is accepted too. */
  integer(key: string, otherwise?: number): number {
    const value = this.value(key, otherwise)
    return isCount(value) ? value : this.mistaken(key, value, countExpected(value))
  }

  number(key: string, otherwise?: number): number {
    const value = this.value(key, otherwise)
    return typeof value === 'number' && Number.isFinite(value)
      ? value
      : this.mistaken(key, value, 'a finite number')
  }

  boolean(key: string, otherwise: boolean): boolean {
    const value = this.value(key, otherwise)
    return typeof value === 'boolean' ? value : this.mistaken(key, value, 'a boolean')
  }

  array(key: string): readonly unknown[] {
    const value = this.value(key)
    return Array.isArray(value) ? value : this.mistaken(key, value, 'an array')
  }

  /** A map of the trainer's figures under any names. Non-finite figures are kept. */
  metrics(key: string): Metrics {
    const cursor = this.cursor(key)
    cursor.next()
    if (cursor.kind !== 'map') return this.mistaken(key, this.value(key), 'a map of numbers')
    const figures: [string, number][] = []
    for (let left = cursor.size; left > 0; left--) {
      cursor.next()
      const name = utf8.decode(cursor.body())
      const { at } = cursor
      const figure = cursor.number()
      if (figure !== undefined) figures.push([name, figure])
      else {
        cursor.at = at
        cursor.skip()
        const other = this.#unpack({ at, end: cursor.at })
        this.mistaken(`${key}.${name}`, other, 'a number', key)
      }
    }
    // Unlike an assignment, this also makes an own property of `__proto__`.
    return Object.fromEntries(figures)
  }

  /** A map of plain values. Timestamps become ISO 8601 strings. */
  json(key: string): { readonly [key: string]: Json } {
    const value = this.value(key)
    if (!isMap(value)) return this.mistaken(key, value, 'a map')
    return this.#json(value, key, key) as { readonly [key: string]: Json }
  }

  /** Refuses a value that is not what was expected. */
  mistaken(path: string, value: unknown, expected: string, key = path): never {
    return this.fail('E_FRAME_KEY', path, `is ${described(value)}, expected ${expected}.`, key)
  }

  /** Throws an error about a key. The error has the offset of the key's value if the key is there. */
  fail(code: ErrorCode, path: string, what: string, key = path): never {
    const span = this.#spans.get(key)
    throw new ThalwegError(code, `${this.#name}: ${quoted(path)} ${what}`, {
      offset: this.offset + (span?.at ?? 0),
    })
  }

  /** The name of the frame in messages: its kind, if it is a known one. */
  get #name(): string {
    return (frameKinds as readonly string[]).includes(this.kind) ? this.kind : 'frame'
  }

  #span(key: string): Span {
    return (
      this.#spans.get(key) ??
      this.fail('E_FRAME_KEY', key, 'is missing. Frames of this kind must have it.')
    )
  }

  #unpack({ at, end }: Span): unknown {
    try {
      return unpackr.unpack(this.bytes, { start: at, end })
    } catch (cause) {
      throw new ThalwegError('E_FRAME', `${this.#name}: this value is not valid MessagePack.`, {
        offset: this.offset + at,
        cause,
      })
    }
  }

  #json(value: unknown, path: string, key: string): Json {
    if (value instanceof Date) {
      return Number.isFinite(value.getTime()) ? value.toISOString() : null
    }
    if (Array.isArray(value)) return value.map((item, i) => this.#json(item, `${path}[${i}]`, key))
    if (isMap(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([name, item]) => [
          name,
          this.#json(item, `${path}.${name}`, key),
        ])
      )
    }
    if (value === null || ['number', 'string', 'boolean'].includes(typeof value)) {
      return value as Json
    }
    return this.mistaken(path, value, 'nil, a boolean, number, string, array or map', key)
  }
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** What a message says was expected instead of this value, which is not a count. */
export function countExpected(value: unknown): string {
  return Number.isInteger(value) && (value as number) > 0
    ? `an integer of at most ${Number.MAX_SAFE_INTEGER} (2^53 - 1)`
    : 'an integer >= 0'
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}

/** Describes a value in a message: its type, and the value itself if it is short. */
export function described(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'nil'
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value)
  }
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (isMap(value)) return `a map of ${Object.keys(value).length}`
  if (ArrayBuffer.isView(value)) return `binary data of ${value.byteLength} bytes`
  return value instanceof Date ? 'a timestamp' : String(value)
}
