import { ThalwegError } from '../error.ts'
import type { Frame } from '../wire/frame.ts'
import type { Limits } from '../wire/limits.ts'
import { FrameReader } from '../wire/reader.ts'
import type { StreamPlace } from '../wire/run-state.ts'
import type { CreditGate } from './credit-gate.ts'
import type { Meter } from './meter.ts'

/** The path in the error of a stream that sends nothing for too long. */
export const idlePath = 'limits.idleMs'

interface FramesOptions {
  readonly limits: Limits & { readonly idleMs: number }
  readonly gate: CreditGate
  readonly meter: Meter
  /** Ends the frames. Frames whose bytes have already come are still yielded. */
  readonly signal: AbortSignal
  /** Where to begin, if not at the beginning of the stream. */
  readonly from?: StreamPlace
}

/** Yields the frames of a stream one by one. While the gate has no credit left, it requests no bytes. */
export async function* framesOf(
  bytes: AsyncIterable<Uint8Array>,
  { limits, gate, meter, signal, from }: FramesOptions
): AsyncGenerator<Frame> {
  const reader = new FrameReader(limits, from)
  const iterator = bytes[Symbol.asyncIterator]()
  try {
    for (;;) {
      await gate.ready()
      const chunk = await nextChunk(iterator, limits.idleMs, signal)
      if (chunk === undefined) break
      meter.chunk(chunk.byteLength)
      reader.push(chunk)
      for (let frame = reader.next(); frame; frame = reader.next()) {
        meter.frame(frame)
        yield frame
        await gate.ready()
      }
      meter.chunkDone()
    }
    if (reader.end() === 'empty' && !signal.aborted) {
      throw new ThalwegError('E_INPUT', 'the stream is empty. Look at what should have written it.')
    }
  } finally {
    // Not awaited: if the source is waiting for bytes, this settles only when the next ones come.
    void iterator.return?.()
  }
}

/** The next bytes; undefined at the end or when the signal aborts. @throws E_LIMIT if nothing comes for `idleMs` */
function nextChunk(
  iterator: AsyncIterator<Uint8Array>,
  idleMs: number,
  signal: AbortSignal
): Promise<Uint8Array | undefined> {
  if (signal.aborted) return Promise.resolve(undefined)
  return new Promise((resolve, reject) => {
    const idle = () =>
      reject(
        new ThalwegError(
          'E_LIMIT',
          `nothing came for ${idleMs} ms. Look at the trainer, or raise "limits.idleMs".`,
          { path: idlePath }
        )
      )
    const timer = idleMs > 0 ? setTimeout(idle, idleMs) : undefined
    const aborted = () => resolve(undefined)
    signal.addEventListener('abort', aborted)
    iterator
      .next()
      .then(({ done, value }) => resolve(done ? undefined : value), reject)
      .finally(() => {
        clearTimeout(timer)
        signal.removeEventListener('abort', aborted)
      })
  })
}
