import { Chunker } from './blob.ts'
import type { HandlerLimits } from './limits.ts'
import { Refusal } from './refusal.ts'

/** What is read of a body, and how long. */
export type BodyLimits = Pick<HandlerLimits, 'pieceBytes' | 'pieceMs'>

/**
 * A posted piece in chunks of at most 1 MiB, however it comes in; a chunk holds until the next one is asked for.
 *
 * @throws E_PIECE_SIZE, E_SLOW
 */
export async function* pieceChunks(
  { body, headers }: Request,
  { pieceBytes, pieceMs }: BodyLimits
): AsyncGenerator<Uint8Array> {
  const tooLarge = () =>
    new Refusal(
      'E_PIECE_SIZE',
      `a piece may have ${pieceBytes} bytes. Cut the stream into smaller ones, anywhere.`
    )
  if (Number(headers.get('Content-Length')) > pieceBytes) throw tooLarge()
  if (!body) return
  const chunker = new Chunker()
  let bytes = 0
  for await (const part of incoming(body, pieceMs)) {
    bytes += part.byteLength
    if (bytes > pieceBytes) throw tooLarge()
    yield* chunker.push(part)
  }
  yield* chunker.rest()
}

/**
 * Reads what nobody has taken of a body, within limits: some runtimes drop a connection whose body was left unread, and
 * the answer with it.
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
    // Whoever is too slow, or has hung up, is answered all the same.
  }
}

/** A body as it comes in. Only the time spent waiting for bytes counts. @throws E_SLOW */
async function* incoming(body: ReadableStream<Uint8Array>, ms: number): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  let waited = 0
  let pending = false
  try {
    for (;;) {
      const asked = performance.now()
      pending = true
      const { done, value } = await within(reader.read(), ms - waited, ms)
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

function within<T>(promise: Promise<T>, ms: number, granted: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () =>
      reject(new Refusal('E_SLOW', `the piece took longer than ${granted} ms to come in.`))
    const timer = setTimeout(late, Math.max(0, ms))
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
