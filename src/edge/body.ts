import { Chunker } from './blob.ts'
import type { HandlerLimits } from './limits.ts'
import { Refusal } from './refusal.ts'

/**
 * A posted piece in chunks of at most 1 MiB, however it comes in; a chunk holds until the next one is asked for. Only
 * the time spent waiting for bytes counts.
 *
 * @throws E_PIECE_SIZE, E_SLOW
 */
export async function* pieceChunks(
  { body, headers }: Request,
  { pieceBytes, pieceMs }: HandlerLimits
): AsyncGenerator<Uint8Array> {
  const tooLarge = () =>
    new Refusal(
      'E_PIECE_SIZE',
      `a piece may have ${pieceBytes} bytes. Cut the stream into smaller ones, anywhere.`
    )
  if (Number(headers.get('Content-Length')) > pieceBytes) throw tooLarge()
  if (!body) return
  const reader = body.getReader()
  const chunker = new Chunker()
  let bytes = 0
  let waited = 0
  try {
    for (;;) {
      const asked = performance.now()
      const { done, value } = await within(reader.read(), pieceMs - waited, pieceMs)
      waited += performance.now() - asked
      if (done) break
      bytes += value.byteLength
      if (bytes > pieceBytes) throw tooLarge()
      yield* chunker.push(value)
    }
    yield* chunker.rest()
  } finally {
    // Not awaited: a body that never ends would not settle this either.
    reader.cancel().catch(() => {})
  }
}

/** Reads a piece that is not taken to its end: some runtimes drop a connection whose body was left unread. */
export async function drain(request: Request, limits: HandlerLimits): Promise<void> {
  for await (const _ of pieceChunks(request, limits));
}

function within<T>(promise: Promise<T>, ms: number, granted: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () =>
      reject(new Refusal('E_SLOW', `the piece took longer than ${granted} ms to come in.`))
    const timer = setTimeout(late, Math.max(0, ms))
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
