import { Chunker } from './blob.ts'
import type { HandlerLimits } from './limits.ts'
import { Refusal } from './refusal.ts'
import type { Slot } from './slots.ts'

/** What is read of a body, and how long. */
export type BodyLimits = Pick<HandlerLimits, 'pieceBytes' | 'pieceMs'>

/** Bytes of one piece that are held before it is analysed: a piece as posters cut it. */
const heldBytes = 2 ** 22

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
 * A posted piece. As much of it as there is memory for is read before it takes anybody's place, so that one that stalls
 * holds nobody up; a larger one comes in while it is analysed, and must not stall then while others wait.
 */
export class Body {
  /** Its length, where it is known: announced, or all there. */
  length: number
  readonly #limits: HandlerLimits
  readonly #buffers: Buffers
  readonly #chunker = new Chunker()
  readonly #held: Uint8Array[] = []
  readonly #parts: AsyncGenerator<Uint8Array>
  readonly #stop = new AbortController()
  #isWhole = false
  #bytes = 0

  /** @throws E_PIECE_SIZE for one that announces more than passes */
  constructor({ body, headers }: Request, limits: HandlerLimits, buffers: Buffers) {
    this.length = Number(headers.get('Content-Length') ?? Number.NaN)
    this.#limits = limits
    this.#buffers = buffers
    this.#parts = body ? incoming(body, limits.pieceMs, this.#stop.signal) : none()
    if (this.length > limits.pieceBytes) throw this.#tooLarge()
  }

  /** Reads it, as far as there is memory for it. @throws E_PIECE_SIZE, E_SLOW */
  async receive(): Promise<void> {
    while (this.#bytes < heldBytes && !this.#buffers.isFull) {
      const { done, value } = await this.#parts.next()
      if (done) {
        this.#isWhole = true
        this.length = this.#bytes
        this.#hold(this.#chunker.rest())
        return
      }
      this.#count(value)
      this.#buffers.take(value.byteLength)
      this.#hold(this.#chunker.push(value), value)
    }
    this.#hold(this.#chunker.rest())
  }

  /**
   * All of it in chunks of at most 1 MiB, however it comes in; a chunk holds until the next one is asked for.
   *
   * @throws E_PIECE_SIZE, E_SLOW, and E_BUSY where it stalls while another request waits
   */
  async *chunks(slot: Slot): AsyncGenerator<Uint8Array> {
    for (let chunk = this.#held.shift(); chunk; chunk = this.#held.shift()) {
      this.#buffers.give(chunk.byteLength)
      yield chunk
    }
    if (this.#isWhole) return
    for (;;) {
      const { done, value } = await unstalled(this.#parts.next(), slot, this.#limits.stallMs)
      if (done) break
      this.#count(value)
      yield* this.#chunker.push(value)
    }
    yield* this.#chunker.rest()
  }

  /** Lets go of what is held and of the request's body. */
  async dispose(): Promise<void> {
    for (const { byteLength } of this.#held.splice(0)) this.#buffers.give(byteLength)
    this.#stop.abort()
    await this.#parts.return(undefined).catch(() => {})
  }

  /** Keeps chunks: views of the part that has come as they are, gathered ones as copies. */
  #hold(chunks: Iterable<Uint8Array>, part?: Uint8Array): void {
    for (const chunk of chunks) {
      this.#held.push(chunk.buffer === part?.buffer ? chunk : chunk.slice())
    }
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
 * Reads what nobody has taken of a body, within limits: some runtimes drop a connection whose body was left unread, and
 * the answer with it.
 */
export async function drain({ body }: Request, { pieceBytes, pieceMs }: BodyLimits): Promise<void> {
  if (!body || body.locked) return
  let left = pieceBytes
  try {
    for await (const part of incoming(body, pieceMs, new AbortController().signal)) {
      left -= part.byteLength
      if (left <= 0) break
    }
    await body.cancel()
  } catch {
    // Whoever is too slow, or has hung up, is answered all the same.
  }
}

async function* none(): AsyncGenerator<Uint8Array> {}

/** A body as it comes in, until the signal. Only the time spent waiting for bytes counts. @throws E_SLOW */
async function* incoming(
  body: ReadableStream<Uint8Array>,
  ms: number,
  signal: AbortSignal
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  let waited = 0
  let pending = false
  try {
    for (;;) {
      const asked = performance.now()
      pending = true
      const { done, value } = await within(reader.read(), ms - waited, ms, signal)
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

function within<T>(
  promise: Promise<T>,
  ms: number,
  granted: number,
  signal: AbortSignal
): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () =>
      reject(new Refusal('E_SLOW', `the piece took longer than ${granted} ms to come in.`))
    const timer = setTimeout(late, Math.max(0, ms))
    const stop = () => reject(new Refusal('E_BUSY', 'the piece is not read on. Try again.'))
    signal.addEventListener('abort', stop)
    promise.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
    })
  })
}

/** Waits for bytes, but not longer than this while another request waits. @throws E_BUSY */
function unstalled<T>(promise: Promise<T>, slot: Slot, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (!slot.isWanted) return
      reject(
        new Refusal(
          'E_BUSY',
          `no bytes came for ${ms} ms while others wait. Try again, or post smaller pieces.`
        )
      )
    }
    const timer = setInterval(look, ms)
    promise.then(resolve, reject).finally(() => clearInterval(timer))
  })
}
