import { extensionAt, extensions, headBytes, sizeAt, type TokenKind, tokenKinds } from './tokens.ts'

/** Walks the values of a frame that the scanner has passed. */
export class Cursor {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  /** Place of the frame in the stream. */
  readonly #offset: number
  /** The index that is read next: after `next()`, where the value's body begins. */
  at = 0
  /** What `next()` found: a kind of value, and the items of a container or the bytes of a body. */
  kind: TokenKind = 'nil'
  size = 0
  #start = 0

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#offset = offset
  }

  /** Place in the stream of the value that `next()` has begun. */
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

  /** Passes the whole of the next value. */
  skip(): void {
    for (let items = 1; items > 0; items--) {
      this.next()
      if (this.kind === 'array') items += this.size
      else if (this.kind === 'map') items += 2 * this.size
      else this.at += this.size
    }
  }

  /** Takes the body that `next()` has found, as a view. */
  body(): Uint8Array {
    const from = this.at
    this.at += this.size
    return this.#bytes.subarray(from, this.at)
  }

  /** Reads the next value as a number; undefined when it is none. */
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
