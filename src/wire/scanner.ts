import { ThalwegError } from '../error.ts'
import type { Limits } from './limits.ts'
import { extensions, shortLength, type TokenKind, tokenBytes, tokenKinds } from './tokens.ts'

const maxDepth = 16
const maxElements = 65_536
const maxStringBytes = 65_536
const maxKeyBytes = 256
const baseTokens = 2 ** 20
const tokensPerTensor = 32
/** The four bytes of the key `data`, read as a number, and the first byte of a string of that length. */
const dataKey = 0x64617461
const dataKeyToken = 0xa4

/**
 * Finds the end of one MessagePack value without decoding it. All state is carried from one call to the next, so that a
 * value may come in any chunks and every byte is looked at once; a body is skipped, not walked. Refuses what passes a
 * limit as soon as its length is known: nothing is ever allocated on a length's word.
 *
 * Numbers in the value of the top-level key `data` count towards the frame's bytes alone: they are payload.
 */
export class Scanner {
  readonly #frameBytes: number
  readonly #elements: number
  readonly #tokens: number
  /** Open containers, outermost first: items still to come (keys and values of a map alike), and which are maps. */
  readonly #left = new Float64Array(maxDepth)
  readonly #isMap = new Uint8Array(maxDepth)
  #depth = 0
  #count = 0
  #inData = false
  /** Places in the stream: where the value and its last token began, and how far that token has been read. */
  #start = 0
  #at = 0
  #read = 0
  /** The token whose length is being read, big-endian: bytes still wanted, and those read so far. */
  #token = 0
  #wanted = 0
  #value = 0
  /** Bytes of the token's body still to pass. */
  #skip = 0

  constructor(limits: Limits) {
    this.#frameBytes = limits.frameBytes
    this.#elements = Math.max(maxElements, limits.tensors)
    this.#tokens = baseTokens + tokensPerTensor * limits.tensors
  }

  /** Makes ready for a value whose first byte is at this offset of the stream. */
  begin(offset: number): void {
    this.#start = offset
    this.#count = 0
    this.#inData = false
  }

  /**
   * Walks on through `bytes` from index `at`; `offset` is the place of `bytes[0]` in the stream. Gives the index after
   * the value's last byte, or -1 when the value goes on past the end of `bytes`.
   *
   * @throws E_FRAME for what no frame holds, E_FRAME_SIZE and E_LIMIT for what passes a limit
   */
  scan(bytes: Uint8Array, at: number, offset: number): number {
    const end = bytes.length
    while (at < end) {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, end - at)
        this.#skip -= passed
        at += passed
      } else if (this.#wanted > 0) {
        this.#value = this.#value * 256 + bytes[at++]!
        this.#read++
        if (--this.#wanted === 0) this.#sized()
      } else {
        this.#at = offset + at
        this.#read = this.#at + 1
        this.#begins(bytes[at++]!)
      }
      if (this.#depth === 0 && this.#skip === 0 && this.#wanted === 0) return at
    }
    return -1
  }

  /** A token's first byte. */
  #begins(token: number): void {
    const kind = tokenKinds[token]!
    const bytes = tokenBytes[token]!
    this.#token = token
    this.#value = 0
    if (this.#isKey()) {
      if (kind !== 'str') {
        this.#refuse(
          'E_FRAME',
          `a map's key is ${named(kind)}, expected a string. Write maps with string keys.`
        )
      }
      if (this.#depth === 1) {
        this.#inData = false
        if (token === dataKeyToken) {
          this.#wanted = 4
          return
        }
      }
    }
    switch (kind) {
      case 'int':
      case 'float':
        if (!this.#inData) this.#counted()
        this.#settle(bytes)
        return
      case 'nil':
      case 'bool':
        this.#counted()
        this.#settle(0)
        return
      case 'unused':
        this.#refuse('E_FRAME', 'byte 0xc1 begins nothing in MessagePack. Is the stream damaged?')
        return
      case 'ext':
        this.#wanted = bytes + 1
        return
      case 'fixext':
        this.#wanted = 1
        return
      default:
        this.#wanted = bytes
        this.#value = bytes === 0 ? shortLength(token) : 0
        if (bytes === 0) this.#sized()
    }
  }

  /** A token's length is known. */
  #sized(): void {
    const kind = tokenKinds[this.#token]!
    const size = this.#value
    this.#counted()
    switch (kind) {
      case 'map':
      case 'array':
        this.#contains(kind, size)
        return
      case 'ext':
        this.#extends(size % 256, Math.floor(size / 256))
        return
      case 'fixext':
        this.#extends(size, tokenBytes[this.#token]!)
        return
      case 'str':
        this.#string(size)
        return
      default:
        this.#settle(size)
    }
  }

  #string(size: number): void {
    const key = this.#isKey()
    if (key && this.#depth === 1 && this.#token === dataKeyToken) {
      this.#inData = size === dataKey
      this.#settle(0)
      return
    }
    const most = key ? maxKeyBytes : maxStringBytes
    if (size > most) {
      this.#refuse(
        'E_LIMIT',
        `a ${key ? 'key' : 'string'} of ${size} bytes, at most ${most} pass. Payloads are to be bin.`
      )
    }
    this.#settle(size)
  }

  #extends(type: number, size: number): void {
    if (type !== extensions.typedArray && type !== extensions.timestamp) {
      this.#refuse(
        'E_FRAME',
        `extension type ${type < 128 ? type : type - 256} is not part of the format, expected -1 (timestamp) or 116 ` +
          '(typed array). Send payloads as bin and keep records and other extensions off.'
      )
    }
    this.#settle(size)
  }

  #contains(kind: 'map' | 'array', size: number): void {
    const items = kind === 'map' ? 2 * size : size
    this.#fits(items)
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
    if (this.#depth > 0) this.#left[this.#depth - 1]!--
    if (size > 0) {
      this.#left[this.#depth] = items
      this.#isMap[this.#depth] = kind === 'map' ? 1 : 0
      this.#depth++
    } else this.#close()
  }

  /** Ends an item whose last `size` bytes are still to pass. */
  #settle(size: number): void {
    this.#fits(size)
    this.#skip = size
    if (this.#depth > 0) this.#left[this.#depth - 1]!--
    this.#close()
  }

  #close(): void {
    while (this.#depth > 0 && this.#left[this.#depth - 1] === 0) this.#depth--
  }

  #isKey(): boolean {
    const top = this.#depth - 1
    return top >= 0 && this.#isMap[top] === 1 && this.#left[top]! % 2 === 0
  }

  #counted(): void {
    if (++this.#count > this.#tokens) {
      this.#refuse(
        'E_LIMIT',
        `the frame holds more than ${this.#tokens} values. Send payloads as bin.`
      )
    }
  }

  /** Refuses a value that needs this many bytes more than are there. */
  #fits(bytes: number): void {
    const least = this.#read - this.#start + bytes
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
