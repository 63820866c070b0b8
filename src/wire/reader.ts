import { ThalwegError } from '../error.ts'
import { Envelope } from './envelope.ts'
import { foreignBytes, refuseForeign } from './foreign.ts'
import type { Frame } from './frame.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { RunState, type StreamPlace } from './run-state.ts'
import { Scanner } from './scanner.ts'
import { isStray, refuseStray, strayBytes } from './stray.ts'
import { TextMode } from './text-mode.ts'

const firstCapacity = 1 << 16

/** How a stream ended: after a `close`, without one or in the middle of a frame, or without any bytes. */
export type StreamEnd = 'closed' | 'truncated' | 'empty'

/**
 * Reads frames from bytes that arrive in chunks of any size. Give a chunk to `push`, then call `next` until it returns undefined.
 * A frame that lies in one chunk is read in place; one that spans several chunks is copied once. Either way its payloads are
 * views that are valid until the next call.
 *
 * @example
 * ```ts
 * const reader = new FrameReader()
 * reader.push(chunk)
 * for (let frame = reader.next(); frame; frame = reader.next()) console.log(frame.kind)
 * ```
 */
export class FrameReader {
  readonly #limits: Limits
  readonly #scanner: Scanner
  readonly #run: RunState
  #chunk: Uint8Array = new Uint8Array(0)
  #at = 0
  /** Byte offset in the stream of the chunk's first byte. */
  #offset = 0
  /** The beginning of a frame, or of stray bytes, that continues in the next chunk. */
  #gathered: Uint8Array = new Uint8Array(0)
  #held = 0
  readonly #textMode = new TextMode()
  #ended = false
  #error: unknown

  /** @param from where to continue in the stream, if not at its beginning */
  constructor(limits: Partial<Limits> = {}, from: StreamPlace = { offset: 0 }) {
    this.#limits = { ...defaultLimits, ...limits }
    this.#scanner = new Scanner(this.#limits)
    this.#run = new RunState(this.#limits, from)
    this.#offset = from.offset
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset + this.#at
  }

  /** The place after the last whole frame. Ask for it when `next` returns undefined. */
  get place(): StreamPlace {
    return { ...this.#run.place, offset: this.offset - this.#held }
  }

  /** The bytes read since the last frame. Ask for them when `next` returns undefined. The view is valid until the next chunk. */
  get begun(): Uint8Array {
    return this.#held > 0 ? this.#gathered.subarray(0, this.#held) : this.#chunk.subarray(this.#at)
  }

  /**
   * Takes the next chunk. It must not change until `next` returns undefined.
   *
   * @throws E_FRAME for text, numbers and any other value that has no bytes
   */
  push(chunk: Uint8Array): void {
    if (!ArrayBuffer.isView(chunk)) {
      throw new ThalwegError(
        'E_FRAME',
        `a chunk is a ${typeof chunk}, expected a Uint8Array. Bytes at once are a list of one chunk.`
      )
    }
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const rest = this.#chunk.subarray(this.#at)
    this.#offset += this.#at
    this.#at = 0
    this.#chunk = bytes
    if (rest.length > 0) {
      this.#chunk = new Uint8Array(rest.length + bytes.length)
      this.#chunk.set(rest)
      this.#chunk.set(bytes, rest.length)
    }
  }

  /**
   * The next frame, or undefined if more bytes are needed.
   *
   * @throws ThalwegError if the stream is invalid, and again at each later call
   */
  next(): Frame | undefined {
    if (this.#error !== undefined) throw this.#error
    try {
      return this.#next()
    } catch (error) {
      this.#error = this.#explained(error)
      throw this.#error
    }
  }

  /**
   * How the stream ended. Call it when no more bytes will come.
   *
   * @throws E_STRAY_TEXT, E_FRAME if something else is where a frame should begin
   */
  end(): StreamEnd {
    this.#ended = true
    if (this.offset === 0) this.next()
    const { begun } = this
    if (begun.length > 0 && isStray(begun[0]!)) {
      refuseStray(begun, this.offset - begun.length, true)
    }
    if (this.offset === 0) return 'empty'
    return this.#run.isOpen || this.#held > 0 ? 'truncated' : 'closed'
  }

  #next(): Frame | undefined {
    const chunk = this.#chunk
    const from = this.#at
    if (from === chunk.length) return undefined
    const begins = this.offset - this.#held
    if (isStray(this.#held > 0 ? this.#gathered[0]! : chunk[from]!)) {
      this.#at = chunk.length
      refuseStray(this.#gather(chunk.subarray(from, from + strayBytes - this.#held)), begins)
      return undefined
    }
    if (this.offset === 0 && !this.#beginsWell(chunk)) return undefined
    if (this.#held === 0) this.#scanner.begin(begins)
    const end = this.#scanner.scan(chunk, from, this.#offset)
    this.#at = end < 0 ? chunk.length : end
    const part = chunk.subarray(from, this.#at)
    if (end < 0) {
      this.#gather(part)
      return undefined
    }
    const bytes = this.#held > 0 ? this.#gather(part) : part
    this.#held = 0
    this.#textMode.look(bytes)
    return this.#run.accept(new Envelope(bytes, begins))
  }

  /**
   * False if the stream begins like a frame, but there are too few bytes yet to be sure.
   *
   * @throws E_FRAME if they are another kind of file
   */
  #beginsWell(chunk: Uint8Array): boolean {
    const isEnough = chunk.length >= foreignBytes || this.#ended
    if (isEnough) refuseForeign(chunk.subarray(0, foreignBytes), 0)
    else this.#chunk = chunk.slice()
    return isEnough
  }

  /** Adds to an error what the bytes before it suggest. */
  #explained(error: unknown): unknown {
    if (!(error instanceof ThalwegError) || error.offset === undefined) return error
    const { code, lines, offset, cause } = error
    const unfinished = offset - (this.offset - this.#held)
    if (unfinished > 0) {
      const more = this.#chunk.subarray(this.#at, this.#at + Math.max(0, unfinished - this.#held))
      this.#textMode.look(this.#gather(more).subarray(0, unfinished))
    }
    const { hint } = this.#textMode
    if (hint === undefined) return error
    return new ThalwegError(code, `${lines.join(' ')} ${hint}`, { offset, cause })
  }

  /** Adds bytes to the beginning of a frame that was gathered so far. Returns all of it. */
  #gather(bytes: Uint8Array): Uint8Array {
    const held = this.#held + bytes.length
    if (held > this.#gathered.length) {
      const capacity = Math.max(held, firstCapacity, 2 * this.#gathered.length)
      const larger = new Uint8Array(Math.max(held, Math.min(capacity, this.#limits.frameBytes)))
      larger.set(this.#gathered.subarray(0, this.#held))
      this.#gathered = larger
    }
    this.#gathered.set(bytes, this.#held)
    this.#held = held
    return this.#gathered.subarray(0, held)
  }
}

/**
 * Yields the frames of a stream one at a time. Afterwards the reader says how the stream ended. A frame's payloads are valid
 * until the next frame is requested.
 *
 * @example
 * ```ts
 * for await (const frame of readFrames(createReadStream('run.thalweg'))) console.log(frame.kind)
 * ```
 */
export async function* readFrames(
  chunks: AsyncIterable<Uint8Array>,
  reader: FrameReader = new FrameReader()
): AsyncGenerator<Frame, void, void> {
  for await (const chunk of chunks) {
    reader.push(chunk)
    for (let frame = reader.next(); frame; frame = reader.next()) yield frame
  }
  reader.end()
}
