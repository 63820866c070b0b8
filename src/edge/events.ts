import { textOf } from './blob.ts'
import { decodeHead, type Head } from './head.ts'
import type { HandlerLimits } from './limits.ts'
import type { Store } from './store.ts'

/** Time between checks of the store for pieces that another instance took. */
const pollMs = 2000
/** After this time without events, a stream sends a sign of life. */
const quietMs = 15_000

/** Wakes everyone who waits for news of a run. */
export class Bell {
  readonly #waiting = new Map<string, Set<() => void>>()

  ring(run: string): void {
    for (const wake of this.#waiting.get(run) ?? []) wake()
  }

  /** Settles at the next ring, after `ms`, or when the signal aborts. */
  wait(run: string, ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(run) ?? new Set()
      const wake = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        waiting.delete(wake)
        if (waiting.size === 0) this.#waiting.delete(run)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      signal.addEventListener('abort', wake)
      this.#waiting.set(run, waiting.add(wake))
    })
  }
}

/**
 * A run's summaries as server-sent events: first the newest ones, or those after the last piece that the reader has seen, then
 * those of each new piece. The last event of a piece has the piece's number as its id. If the run has failed, the stream ends
 * with the event `end` and the last piece's id; it also ends with `end` if the run is deleted. Otherwise it ends after a while
 * without an event, and its reader connects again.
 */
export async function* events(
  store: Store,
  bell: Bell,
  head: Head,
  seen: number | undefined,
  { eventsMs }: HandlerLimits,
  signal: AbortSignal
): AsyncGenerator<string> {
  const { run } = head
  const began = performance.now()
  let spoken = began
  let next = seen === undefined ? head.expected : seen + 1
  if (seen === undefined) {
    yield written(await textOf(store, run, head.latest), head.expected - 1)
  }
  for (let now = head; now.id === head.id; ) {
    const news = bell.wait(run, Math.min(pollMs, eventsMs), signal)
    const kept = now.expected - now.answers.length
    for (next = Math.max(next, kept); next < now.expected; next++) {
      const { blob } = now.answers[next - kept]!
      // If an answer is gone, 16 later ones have replaced it: this reader is too slow to see all of them.
      const text = await textOf(store, run, blob).catch(() => '')
      if (text === '') continue
      yield written(text, next)
      spoken = performance.now()
    }
    if (now.ended) {
      yield `id: ${now.expected - 1}\n`
      break
    }
    if (performance.now() - began > eventsMs) return
    if (performance.now() - spoken > quietMs) {
      yield ': nothing new\n\n'
      spoken = performance.now()
    }
    await news
    if (signal.aborted) return
    const stored = await store.head(run)
    if (!stored) break
    now = decodeHead(run, stored.bytes)
  }
  yield 'event: end\ndata: {}\n\n'
}

/** Makes a body from texts. `stop` is aborted when the body ends or its reader leaves. */
export function streamed(texts: AsyncGenerator<string>, stop: AbortController): ReadableStream {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await texts.next()
        if (stop.signal.aborted) return
        if (!done) return controller.enqueue(encoder.encode(value))
        stop.abort()
        controller.close()
      } catch (error) {
        stop.abort()
        controller.error(error)
      }
    },
    cancel() {
      stop.abort()
    },
  })
}

function written(text: string, id: number): string {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines
    .map((line, i) => `${i === lines.length - 1 ? `id: ${id}\n` : ''}data: ${line}\n\n`)
    .join('')
}
