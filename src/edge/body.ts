import { Chunker } from './blob.ts'
import type { HandlerLimits } from './limits.ts'
import { Refusal } from './refusal.ts'
import { chunkBytes } from './store.ts'

/** How much of a body is read, and for how long. */
export type BodyLimits = Pick<HandlerLimits, 'pieceBytes' | 'pieceMs'>

/** A part of at least this size is held as it is. Smaller parts are copied next to each other. */
const largeBytes = 2 ** 16

/** How many bytes of one piece are held before it is analysed: the size of the pieces that posters make. */
const heldBytes = 2 ** 22

/** Ends the reading of a body, whether the reader is waiting or not. */
interface Stop {
  isAsked: boolean
  wake: () => void
}

/** The memory for the bytes of bodies that are not analysed yet, shared by all requests. */
export class Buffers {
  #free: number

  constructor(bytes: number) {
    this.#free = bytes
  }

  get isFull(): boolean {
    return this.#free <= 0
  }

  /** Counts bytes that have arrived. They are in memory already, even if that is more than the limit. */
  take(bytes: number): void {
    this.#free -= bytes
  }

  give(bytes: number): void {
    this.#free += bytes
  }
}

/**
 * A posted piece. It is read before it takes a place in the queue, as far as there is memory, so a piece that stalls does not
 * delay any other. The rest of a larger piece is read while it is analysed.
 */
export class Body {
  /** Its length, if known: announced, or the bytes of a complete body. */
  length: number
  readonly #limits: HandlerLimits
  readonly #buffers: Buffers
  readonly #chunker = new Chunker()
  readonly #held: Uint8Array[] = []
  /** The chunk into which small parts are copied (the last one that is held), and how far it is filled. */
  #last = new Uint8Array(0)
  #filled = 0
  readonly #parts: AsyncGenerator<Uint8Array>
  readonly #stop: Stop = { isAsked: false, wake: () => {} }
  #isWhole = false
  #bytes = 0

  /** @throws E_PIECE_SIZE if the announced length exceeds the limit */
  constructor({ body, headers }: Request, limits: HandlerLimits, buffers: Buffers) {
    this.length = Number(headers.get('Content-Length') ?? Number.NaN)
    this.#limits = limits
    this.#buffers = buffers
    this.#parts = body ? incoming(body, limits.pieceMs, this.#stop) : none()
    if (this.length > limits.pieceBytes) throw this.#tooLarge()
  }

  /**
   * Reads the body, as far as there is memory for it.
   *
   * @param flows called when bytes come
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
   * The whole body in chunks of at most 1 MiB, whatever the sizes in which it arrives. A chunk is valid until the next one is
   * requested.
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

  /** Stops reading. Whoever waits for more gets the error that others need the memory. */
  stop(): void {
    this.#stop.isAsked = true
    this.#stop.wake()
  }

  /** Releases the bytes that are held, and the request's body. */
  async dispose(): Promise<void> {
    for (const { byteLength } of this.#held.splice(0)) this.#buffers.give(byteLength)
    this.stop()
    await this.#parts.return(undefined).catch(() => {})
  }

  /** Holds a part without copying it. */
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

  /** Ends the chunk into which parts are copied. */
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
 * Reads the rest of a body, within limits. Some runtimes drop the connection if a body was not read completely, and the answer is
 * lost.
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
    // A client that is too slow, or has hung up, is still answered.
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

/** Yields a body's bytes as they arrive, until it is stopped. Only the time spent waiting for bytes counts. @throws E_SLOW */
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
    // A reader with a pending read cannot be released. Not awaited, because with a body that never ends this would never settle.
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
