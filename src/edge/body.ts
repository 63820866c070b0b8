import { Chunker } from './blob.ts'
import type { HandlerLimits } from './limits.ts'
import { Refusal } from './refusal.ts'
import { chunkBytes } from './store.ts'

/** What is read of a body, and how long. */
export type BodyLimits = Pick<HandlerLimits, 'pieceBytes' | 'pieceMs'>

/** A part from this size on is held as it is, smaller ones are copied next to each other. */
const largeBytes = 2 ** 16

/** Bytes of one piece that are held before it is analysed: a piece as posters cut it. */
const heldBytes = 2 ** 22

/** Ends the reading of a body, which waits or does not. */
interface Stop {
  isAsked: boolean
  wake: () => void
}

/** Memory for what has come of bodies that are not analysed yet, of all requests together. */
export class Buffers {
  #free: number

  constructor(bytes: number) {
    this.#free = bytes
  }

  get isFull(): boolean {
    return this.#free <= 0
  }

  /** What has come is there, even if it is more than is free. */
  take(bytes: number): void {
    this.#free -= bytes
  }

  give(bytes: number): void {
    this.#free += bytes
  }
}

/**
 * A posted piece. It is read before it takes a place in the queue, as far as there is memory, so that a piece that stalls holds
 * up no other. The rest of a larger piece comes in while it is analysed.
 */
export class Body {
  /** Its length, where it is known: announced, or all there. */
  length: number
  readonly #limits: HandlerLimits
  readonly #buffers: Buffers
  readonly #chunker = new Chunker()
  readonly #held: Uint8Array[] = []
  /** The chunk that small parts are copied into, the last of those held, and how far it is filled. */
  #last = new Uint8Array(0)
  #filled = 0
  readonly #parts: AsyncGenerator<Uint8Array>
  readonly #stop: Stop = { isAsked: false, wake: () => {} }
  #isWhole = false
  #bytes = 0

  /** @throws E_PIECE_SIZE for one that announces more than passes */
  constructor({ body, headers }: Request, limits: HandlerLimits, buffers: Buffers) {
    this.length = Number(headers.get('Content-Length') ?? Number.NaN)
    this.#limits = limits
    this.#buffers = buffers
    this.#parts = body ? incoming(body, limits.pieceMs, this.#stop) : none()
    if (this.length > limits.pieceBytes) throw this.#tooLarge()
  }

  /**
   * Reads it, as far as there is memory for it.
   *
   * @param flows is told of bytes as they come
   * @throws E_PIECE_SIZE, E_SLOW
   */
  async receive(flows: () => void): Promise<void> {
    while (this.#bytes < heldBytes && !this.#buffers.isFull) {
      const { done, value } = await this.#parts.next()
      if (done) {
        this.#isWhole = true
        this.length = this.#bytes
        break
      }
      flows()
      this.#count(value)
      this.#buffers.take(value.byteLength)
      if (value.byteLength >= largeBytes) this.#hold(value)
      else this.#copy(value)
    }
    this.#trim()
  }

  /**
   * All of it in chunks of at most 1 MiB, however it comes in; a chunk holds until the next one is asked for.
   *
   * @throws E_PIECE_SIZE, E_SLOW, and E_BUSY after `stop`
   */
  async *chunks(): AsyncGenerator<Uint8Array> {
    for (let chunk = this.#held.shift(); chunk; chunk = this.#held.shift()) {
      this.#buffers.give(chunk.byteLength)
      yield chunk
    }
    if (this.#isWhole) return
    for (;;) {
      const { done, value } = await this.#parts.next()
      if (done) break
      this.#count(value)
      yield* this.#chunker.push(value)
    }
    yield* this.#chunker.rest()
  }

  /** Reads no further: whoever waits for more is told that others need its memory. */
  stop(): void {
    this.#stop.isAsked = true
    this.#stop.wake()
  }

  /** Lets go of what is held and of the request's body. */
  async dispose(): Promise<void> {
    for (const { byteLength } of this.#held.splice(0)) this.#buffers.give(byteLength)
    this.stop()
    await this.#parts.return(undefined).catch(() => {})
  }

  /** Holds a part as it is. */
  #hold(part: Uint8Array): void {
    this.#trim()
    for (let at = 0; at < part.length; at += chunkBytes) {
      this.#held.push(part.subarray(at, at + chunkBytes))
    }
  }

  #copy(part: Uint8Array): void {
    for (let at = 0; at < part.length; ) {
      if (this.#filled === this.#last.length) {
        this.#trim()
        const rest = this.length - this.#bytes + part.length - at
        const usual = this.#held.length === 0 ? largeBytes : chunkBytes
        this.#last = new Uint8Array(Math.min(chunkBytes, rest > 0 ? rest : usual))
        this.#held.push(this.#last)
      }
      const piece = part.subarray(at, at + this.#last.length - this.#filled)
      this.#last.set(piece, this.#filled)
      this.#filled += piece.length
      at += piece.length
    }
  }

  /** Ends the chunk that parts are copied into. */
  #trim(): void {
    if (this.#filled > 0) this.#held[this.#held.length - 1] = this.#last.subarray(0, this.#filled)
    this.#last = new Uint8Array(0)
    this.#filled = 0
  }

  #count({ byteLength }: Uint8Array): void {
    this.#bytes += byteLength
    if (this.#bytes > this.#limits.pieceBytes) throw this.#tooLarge()
  }

  #tooLarge(): Refusal {
    const { pieceBytes } = this.#limits
    return new Refusal(
      'E_PIECE_SIZE',
      `a piece may have ${pieceBytes} bytes. Cut the stream into smaller ones, anywhere.`
    )
  }
}

/**
 * Reads the rest of a body, within limits: some runtimes drop a connection whose body was left unread, and lose the
 * answer.
 */
export async function drain({ body }: Request, { pieceBytes, pieceMs }: BodyLimits): Promise<void> {
  if (!body || body.locked) return
  let left = pieceBytes
  try {
    for await (const part of incoming(body, pieceMs)) {
      left -= part.byteLength
      if (left <= 0) break
    }
    await body.cancel()
  } catch {
    // A client that is too slow, or has hung up, is answered all the same.
  }
}

/** The answer to a piece that came in too slowly to keep its run's memory. */
export function outOfRoom(): Refusal {
  return new Refusal(
    'E_BUSY',
    'other runs needed the memory while this piece came in. Try again, or post smaller pieces.'
  )
}

async function* none(): AsyncGenerator<Uint8Array> {}

/** A body as it comes in, until it is to stop. Only the time spent waiting for bytes counts. @throws E_SLOW */
async function* incoming(
  body: ReadableStream<Uint8Array>,
  ms: number,
  stop: Stop = { isAsked: false, wake: () => {} }
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  let waited = 0
  let pending = false
  try {
    for (;;) {
      const asked = performance.now()
      pending = true
      const { done, value } = await within(reader.read(), ms - waited, ms, stop)
      pending = false
      waited += performance.now() - asked
      if (done) return
      yield value
    }
  } finally {
    // A reader that waits cannot be released. Not awaited: a body that never ends would not settle this either.
    if (pending) reader.cancel().catch(() => {})
    else reader.releaseLock()
  }
}

function within<T>(promise: Promise<T>, ms: number, granted: number, stop: Stop): Promise<T> {
  return new Promise((resolve, reject) => {
    stop.wake = () => reject(outOfRoom())
    if (stop.isAsked) stop.wake()
    const late = () =>
      reject(new Refusal('E_SLOW', `the piece took longer than ${granted} ms to come in.`))
    const timer = setTimeout(late, Math.max(0, ms))
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
