import { ThalwegError } from '../error.ts'
import type { Limits } from './limits.ts'
import { extensionAt, extensions, headBytes, sizeAt, type TokenKind, tokenKinds } from './tokens.ts'

const maxDepth = 16
/** An array or a map may always have this many elements, even if the limit on tensors is smaller. */
const leastElements = 4096
const maxStringBytes = 65_536
const maxKeyBytes = 256
const baseTokens = 2 ** 17
const tokensPerTensor = 32
/** The key `data`: the first byte of a 4-byte string, and its four bytes read as a number. */
const dataToken = 0xa4
const dataBytes = 0x64617461

/**
 * Finds the end of one MessagePack value without decoding it. All state is kept between calls, so a value may arrive in any
 * chunks, and each byte is read at most once: bodies are skipped. A value that exceeds a limit is refused as soon as its length
 * is known, so no memory is ever allocated because of a declared length alone.
 *
 * Numbers inside the top-level key `data` count only towards the frame's size, because they are payload.
 */
export class Scanner {
  readonly #frameBytes: number
  readonly #elements: number
  readonly #tokens: number
  /**
   * The open containers, outermost first, after an entry for the value itself. For each: the number of items still to come (a
   * map's keys and values both count), and whether it is a map.
   */
  readonly #left = new Float64Array(1 + maxDepth)
  readonly #isMap = new Uint8Array(1 + maxDepth)
  #depth = 0
  #count = 0
  #inData = false
  /** Byte offsets in the stream at which the value and its last token begin. */
  #start = 0
  #at = 0
  /** The bytes of a token's head so far. The body of a short key is read with the head. */
  readonly #head = new Uint8Array(6)
  readonly #view = new DataView(this.#head.buffer)
  #held = 0
  /** Bytes of the token's body that are still to be skipped. */
  #skip = 0

  constructor(limits: Limits) {
    this.#frameBytes = limits.frameBytes
    this.#elements = Math.max(leastElements, limits.tensors)
    this.#tokens = baseTokens + tokensPerTensor * limits.tensors
  }

  /** Prepares for a value whose first byte is at this offset of the stream. */
  begin(offset: number): void {
    this.#start = offset
    this.#left[0] = 1
    this.#count = 0
    this.#inData = false
  }

  /**
   * Continues through `bytes` from index `at`. `offset` is the place of `bytes[0]` in the stream. Returns the index after the
   * value's last byte, or -1 if the value continues beyond `bytes`.
   *
   * @throws E_FRAME for what a frame cannot contain, E_FRAME_SIZE and E_LIMIT for what exceeds a limit
   */
  scan(bytes: Uint8Array, at: number, offset: number): number {
    const end = bytes.length
    while (at < end) {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, end - at)
        this.#skip -= passed
        at += passed
      } else {
        const token = this.#held === 0 ? bytes[at]! : this.#head[0]!
        if (this.#held === 0) this.#at = offset + at
        this.#head[this.#held++] = bytes[at++]!
        if (this.#held < this.#wanted(token)) continue
        this.#take(token)
        this.#held = 0
      }
      if (this.#depth === 0 && this.#skip === 0) return at
    }
    return -1
  }

  /** Number of bytes to read of a head that has begun. For a key that may be `data`, its body is included. */
  #wanted(token: number): number {
    const mayBeData = token === dataToken && this.#depth === 1 && this.#isKey()
    return headBytes[token]! + (mayBeData ? 4 : 0)
  }

  /** Handles the complete head of a token. */
  #take(token: number): void {
    const kind = tokenKinds[token]!
    const size = sizeAt(this.#view, 0, token)
    const key = this.#isKey()
    if (key && kind !== 'str') {
      this.#refuse(
        'E_FRAME',
        `a map's key is ${named(kind)}, expected a string. Write maps with string keys, from a single program.`
      )
    }
    if (key && this.#depth === 1) {
      this.#inData = token === dataToken && this.#view.getUint32(1) === dataBytes
    }
    const isNumber = kind === 'int' || kind === 'float'
    if (!(isNumber && this.#inData)) this.#counted()
    if (kind === 'str') this.#checkString(size, key)
    if (kind === 'ext') this.#checkExtension(extensionAt(this.#view, 0, token))
    if (kind === 'unused') {
      this.#refuse(
        'E_FRAME',
        'byte 0xc1 begins nothing in MessagePack. Is the stream damaged, or written by two programs?'
      )
    }
    const contains = kind === 'map' || kind === 'array'
    const items = contains ? (kind === 'map' ? 2 : 1) * size : 0
    const body = contains ? 0 : headBytes[token]! + size - this.#held
    this.#fits(items + body)
    if (contains) this.#checkContainer(kind, size)
    this.#left[this.#depth]!--
    if (items > 0) {
      this.#depth++
      this.#left[this.#depth] = items
      this.#isMap[this.#depth] = kind === 'map' ? 1 : 0
    }
    while (this.#depth > 0 && this.#left[this.#depth] === 0) this.#depth--
    this.#skip = body
  }

  #checkString(size: number, key: boolean): void {
    const most = key ? maxKeyBytes : maxStringBytes
    if (size > most) {
      this.#refuse(
        'E_LIMIT',
        `a ${key ? 'key' : 'string'} of ${size} bytes, at most ${most} pass. Payloads are to be bin.`
      )
    }
  }

  #checkExtension(type: number): void {
    if (type !== extensions.typedArray && type !== extensions.timestamp) {
      this.#refuse(
        'E_FRAME',
        `extension type ${type} is not part of the format, expected -1 (timestamp) or 116 ` +
          '(typed array). Send payloads as bin and keep records and other extensions off.'
      )
    }
  }

  #checkContainer(kind: 'map' | 'array', size: number): void {
    const payload = kind === 'array' && this.#inData && this.#depth > 1
    if (size > this.#elements && !payload) {
      this.#refuse(
        'E_LIMIT',
        `${named(kind)} of ${size} elements, at most ${this.#elements} pass. Split it, or raise "limits.tensors".`
      )
    }
    if (size > 0 && this.#depth === maxDepth) {
      this.#refuse(
        'E_LIMIT',
        `${named(kind)} at depth ${maxDepth + 1}, at most ${maxDepth} pass. Nest less.`
      )
    }
  }

  #isKey(): boolean {
    return this.#isMap[this.#depth] === 1 && this.#left[this.#depth]! % 2 === 0
  }

  #counted(): void {
    if (++this.#count > this.#tokens) {
      this.#refuse(
        'E_LIMIT',
        `the frame holds more than ${this.#tokens} values. Send payloads as bin.`
      )
    }
  }

  /** Refuses a value that needs this many more bytes if the frame would exceed its limit. */
  #fits(bytes: number): void {
    const least = this.#at + this.#held - this.#start + bytes
    if (least > this.#frameBytes) {
      this.#refuse(
        'E_FRAME_SIZE',
        `the frame from byte ${this.#start} on has at least ${least} bytes, at most ${this.#frameBytes} pass. ` +
          'Split it into parts with "more", or raise "limits.frameBytes".'
      )
    }
  }

  #refuse(code: 'E_FRAME' | 'E_FRAME_SIZE' | 'E_LIMIT', message: string): never {
    throw new ThalwegError(code, message, { offset: this.#at })
  }
}

function named(kind: TokenKind): string {
  return `${/^[aeiu]/.test(kind) ? 'an' : 'a'} ${kind}`
}
