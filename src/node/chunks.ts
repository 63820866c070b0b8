import type { Readable } from 'node:stream'
import { ThalwegError } from '../error.ts'

/**
 * The bytes of a stream as they come, until it ends or the signal aborts. Unlike a stream's own iterator it never destroys the
 * stream, and it reacts to the signal even while no bytes come.
 *
 * @param name the name of the stream in errors
 * @throws E_INPUT if it cannot be read
 *
 * @example
 * ```ts
 * const stop = new AbortController()
 * for await (const chunk of chunks(process.stdin, stop.signal, 'stdin')) reader.push(chunk)
 * ```
 */
export async function* chunks(
  stream: Readable,
  signal: AbortSignal,
  name: string
): AsyncGenerator<Uint8Array> {
  let wake = () => {}
  const onEvent = () => wake()
  const events = ['readable', 'end', 'close', 'error']
  for (const event of events) stream.on(event, onEvent)
  signal.addEventListener('abort', onEvent)
  try {
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      const chunk = stream.read() as Uint8Array | null
      if (chunk !== null) yield chunk
      else if (stream.errored) throw inputError(stream.errored, name)
      else if (stream.readableEnded || stream.destroyed) return
      else await woken
    }
  } finally {
    for (const event of events) stream.off(event, onEvent)
    signal.removeEventListener('abort', onEvent)
  }
}

function inputError(cause: Error, name: string): ThalwegError {
  return new ThalwegError('E_INPUT', `${name} cannot be read: ${cause.message}.`, { cause })
}
