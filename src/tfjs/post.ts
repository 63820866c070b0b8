import { ThalwegError } from '../error.ts'

/** The server to which pieces of a stream are posted. */
export interface Destination {
  readonly url: URL
  readonly headers: Headers
  /** Longest wait for an answer. */
  readonly timeoutMs: number
  /** The part of the server's text that may be shown, without secrets. */
  readonly clean: (text: string) => string
}

/** The result of one try. */
export type Answer =
  /** The server took the piece. The text is its summaries. */
  | { readonly what: 'taken'; readonly text: string }
  /** The server expects another piece, the one with this number. */
  | { readonly what: 'gap'; readonly expected: number }
  /** The try failed, but a later one may succeed. */
  | { readonly what: 'failed'; readonly why: string; readonly afterMs?: number }

/**
 * Posts a piece once. The server takes each piece only once, however often it is posted, so a piece whose answer was lost can be
 * posted again.
 *
 * @param join the name of the stream, if the piece begins it. If two streams post to one run, the run takes the one that came
 *   first; the other one joins it or gives up
 * @throws E_OUTPUT if repeating cannot help: the run belongs to another stream, or the data or the request is refused
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
    // If a redirect were followed, the piece would not be sent along.
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
    // The status counts even if the text cannot be read. A piece that was taken is posted again and gets the same answer.
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

/** The error of a stream if the run already holds pieces of another stream. */
export function taken(url: URL, pieces: number): ThalwegError {
  return givenUp(
    url,
    `has another stream's pieces, ${pieces} so far. Post to another run, delete this one, or continue it ("resume")`
  )
}

/** The error of a stream when another one has continued its run. */
export function overtaken(url: URL, piece: number): ThalwegError {
  return givenUp(
    url,
    `goes on with another trainer since piece ${piece}. Let one of them post to this run`
  )
}

/** The error that makes the poster give up. */
export function givenUp(url: URL, what: string): ThalwegError {
  return new ThalwegError(
    'E_OUTPUT',
    `poster: ${nameOf(url)} ${what}. What follows of the stream is dropped.`
  )
}

/** An address as it may be printed: without the query, which may hold a key. */
export function nameOf({ origin, pathname }: URL): string {
  return `${origin}${pathname}`
}

function numberIn({ headers }: Response, name: string): number | undefined {
  const text = headers.get(name) ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** The message in the last line, `{"error": {"message": ...}}`, or else the beginning of the text. */
function messageIn(text: string): string {
  try {
    const last = JSON.parse(text.trimEnd().split('\n').at(-1)!) as { error: { message: string } }
    return last.error.message.replace(/\.$/, '')
  } catch {
    return text
  }
}

/** The reason that `fetch` gives: it is in the cause of its error. */
function reason(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error && cause.message ? cause.message : message
}
