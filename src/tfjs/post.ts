import { ThalwegError } from '../error.ts'

/** Where pieces of a stream are posted. */
export interface Destination {
  readonly url: URL
  readonly headers: Headers
  /** Longest wait for an answer. */
  readonly timeoutMs: number
  /** What may be shown of a text that comes from there. */
  readonly clean: (text: string) => string
}

/** What came of one try. */
export type Answer =
  /** It was taken; these are the summaries. */
  | { readonly what: 'taken'; readonly text: string }
  /** The server wants the piece of another number. */
  | { readonly what: 'gap'; readonly expected: number }
  /** It may be taken another time. */
  | { readonly what: 'failed'; readonly why: string; readonly afterMs?: number }

/**
 * Posts a piece once. A server takes a piece once however often it comes, so one whose answer was lost is posted again.
 *
 * @param join what the stream is named by, if the piece begins it: of two streams a run takes the one that came first, and
 *   the other joins it or gives up
 * @throws E_OUTPUT for what no repetition makes good: another's run, data or a request that is refused
 */
export async function post(
  { url, headers, timeoutMs, clean }: Destination,
  sequence: number,
  body: Uint8Array<ArrayBuffer>,
  join?: string
): Promise<Answer> {
  const own = new Headers(headers)
  own.set('Content-Type', 'application/x-thalweg')
  own.set('Thalweg-Sequence', String(sequence))
  if (join !== undefined) own.set('Thalweg-Join', join)
  let response: Response
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    // A redirect would be followed without the piece.
    const redirect = 'manual'
    response = await fetch(url, { method: 'POST', headers: own, body, signal, redirect })
  } catch (error) {
    return { what: 'failed', why: clean(reason(error)) }
  }
  const { status } = response
  const expected = numberIn(response, 'Thalweg-Expected')
  let text = ''
  try {
    text = await response.text()
  } catch (error) {
    // What has no text still has a status; what was taken is answered again.
    if (response.ok) return { what: 'failed', why: clean(reason(error)) }
  }
  if (response.ok) {
    if (expected === sequence + 1) return { what: 'taken', text }
    if (expected === undefined) {
      const why = `${status}, but without "Thalweg-Expected": no handler of Thalweg answers there`
      return { what: 'failed', why }
    }
    throw overtaken(url, sequence)
  }
  if (status === 409 && expected !== undefined) return { what: 'gap', expected }
  const why = `${status}: ${clean(messageIn(text)) || 'no message'}`
  if (status >= 500 || status === 429 || status === 408) {
    const seconds = numberIn(response, 'Retry-After')
    return { what: 'failed', why, afterMs: seconds === undefined ? undefined : seconds * 1000 }
  }
  throw givenUp(url, `refused piece ${sequence} with ${why}`)
}

/** The error of a stream that finds another's pieces. */
export function taken(url: URL, pieces: number): ThalwegError {
  return givenUp(
    url,
    `has another stream's pieces, ${pieces} so far. Post to another run, delete this one, or continue it ("resume")`
  )
}

/** The error of a stream that was posted to a run until another one went on with it. */
export function overtaken(url: URL, piece: number): ThalwegError {
  return givenUp(
    url,
    `goes on with another trainer since piece ${piece}. Let one of them post to this run`
  )
}

/** The error that ends a stream of pieces. */
export function givenUp(url: URL, what: string): ThalwegError {
  return new ThalwegError(
    'E_OUTPUT',
    `poster: ${nameOf(url)} ${what}. What follows of the stream is dropped.`
  )
}

/** An address as it may be printed: a query may hold a key. */
export function nameOf({ origin, pathname }: URL): string {
  return `${origin}${pathname}`
}

function numberIn({ headers }: Response, name: string): number | undefined {
  const text = headers.get(name) ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** The message of `{"error": {"message": ...}}` in the last line, or how the text begins. */
function messageIn(text: string): string {
  try {
    const last = JSON.parse(text.trimEnd().split('\n').at(-1)!) as { error: { message: string } }
    return last.error.message.replace(/\.$/, '')
  } catch {
    return text
  }
}

/** What `fetch` says, which keeps the reason in the cause of its error. */
function reason(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error && cause.message ? cause.message : message
}
