import { extensionAt, extensions, headBytes, sizeAt, type TokenKind, tokenKinds } from './tokens.ts'

/** Walks over the values of a frame whose bytes the scanner has already checked. */
export class Cursor {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  /** Byte offset of the frame in the stream. */
  readonly #offset: number
  /** Index of the next byte to read. After `next()` it is where the value's body begins. */
  at = 0
  /** What `next()` found: the kind of the value, and the number of items (containers) or of body bytes. */
  kind: TokenKind = 'nil'
  size = 0
  #start = 0

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#offset = offset
  }

  /** Byte offset in the stream of the value that `next()` has begun. */
  get offset(): number {
    return this.#offset + this.#start
  }

  /** Whether that value is a typed array. */
  get isTypedArray(): boolean {
    if (this.kind !== 'ext') return false
    const token = this.#bytes[this.#start]!
    return extensionAt(this.#view, this.#start, token) === extensions.typedArray
  }

  /** Reads the head of the next value. */
  next(): void {
    const token = this.#bytes[this.at]!
    this.kind = tokenKinds[token]!
    this.size = sizeAt(this.#view, this.at, token)
    this.#start = this.at
    this.at += headBytes[token]!
  }

  /** Skips the next value as a whole. */
  skip(): void {
    for (let items = 1; items > 0; items--) {
      this.next()
      if (this.kind === 'array') items += this.size
      else if (this.kind === 'map') items += 2 * this.size
      else this.at += this.size
    }
  }

  /** Reads the body that `next()` has found, and returns a view of it. */
  body(): Uint8Array {
    const from = this.at
    this.at += this.size
    return this.#bytes.subarray(from, this.at)
  }

  /** Reads the next value as a number. Returns undefined if it is not a number. */
  number(): number | undefined {
    this.next()
    if (this.kind !== 'int' && this.kind !== 'float') return undefined
    const at = this.at
    this.at += this.size
    const view = this.#view
    switch (this.#bytes[this.#start]) {
      case 0xca:
        return view.getFloat32(at)
      case 0xcb:
        return view.getFloat64(at)
      case 0xcc:
        return view.getUint8(at)
      case 0xcd:
        return view.getUint16(at)
      case 0xce:
        return view.getUint32(at)
      case 0xcf:
        return Number(view.getBigUint64(at))
      case 0xd0:
        return view.getInt8(at)
      case 0xd1:
        return view.getInt16(at)
      case 0xd2:
        return view.getInt32(at)
      case 0xd3:
        return Number(view.getBigInt64(at))
      default:
        return view.getInt8(this.#start)
    }
  }
}
