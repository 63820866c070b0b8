import { extensions, shortLength, type TokenKind, tokenBytes, tokenKinds } from './tokens.ts'

/** Walks the values of a frame that the scanner has passed. */
export class Cursor {
  readonly bytes: Uint8Array
  readonly view: DataView
  /** Place of `bytes[0]` in the stream. */
  readonly #offset: number
  /** The index that is read next: after `next()`, where the value's body begins. */
  at = 0
  /** What `next()` found: a kind of token, and the items of a container or the bytes of a body. */
  kind: TokenKind = 'nil'
  size = 0
  /** Extension type, unsigned. */
  type = 0
  #start = 0

  constructor(bytes: Uint8Array, offset: number) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#offset = offset
  }

  /** Place in the stream of the value that `next()` has begun. */
  get offset(): number {
    return this.#offset + this.#start
  }

  /** Reads the head of the next value. */
  next(): void {
    this.#start = this.at
    const token = this.bytes[this.at++]!
    const bytes = tokenBytes[token]!
    this.kind = tokenKinds[token]!
    if (this.kind === 'int' || this.kind === 'float' || this.kind === 'fixext') this.size = bytes
    else this.size = bytes === 0 ? shortLength(token) : this.#length(bytes)
    if (this.kind === 'nil' || this.kind === 'bool') this.size = 0
    if (this.kind === 'ext' || this.kind === 'fixext') this.type = this.bytes[this.at++]!
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
    return this.bytes.subarray(from, this.at)
  }

  /** Reads the next value as a number; undefined when it is none. */
  number(): number | undefined {
    this.next()
    if (this.kind !== 'int' && this.kind !== 'float') return undefined
    const at = this.at
    this.at += this.size
    const { view } = this
    const token = this.bytes[this.#start]!
    switch (token) {
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
        return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4)
      case 0xd0:
        return view.getInt8(at)
      case 0xd1:
        return view.getInt16(at)
      case 0xd2:
        return view.getInt32(at)
      case 0xd3:
        return view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4)
      default:
        return token < 0x80 ? token : token - 256
    }
  }

  get isTypedArray(): boolean {
    return (this.kind === 'ext' || this.kind === 'fixext') && this.type === extensions.typedArray
  }

  #length(bytes: number): number {
    const at = this.at
    this.at += bytes
    if (bytes === 1) return this.view.getUint8(at)
    return bytes === 2 ? this.view.getUint16(at) : this.view.getUint32(at)
  }
}
