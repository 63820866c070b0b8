import { ThalwegError } from '../error.ts'
import { destination } from './destination.ts'
import { givenUp, nameOf, overtaken, post, taken } from './post.ts'

const MiB = 2 ** 20
const longestBackoffMs = 30_000
const longestPauseMs = 600_000
/** After this long without success, the poster says that nobody takes the pieces. */
const patienceMs = 3_000

export interface PosterOptions {
  /** Sent with each piece, such as `{ Authorization: 'Bearer ...' }`. */
  readonly headers?: ConstructorParameters<typeof Headers>[0]
  /** Bytes of a piece; default 4 MiB. */
  readonly pieceBytes?: number
  /** A smaller piece is posted when its first byte has waited this long; default 1000 ms. */
  readonly pieceMs?: number
  /** Bytes that may wait for an answer before `write` makes training wait; default 64 MiB. */
  readonly waitingBytes?: number
  /**
   * Continues the existing run, if there is one, as a restarted trainer does. The stream begins as usual, with the same `open`
   * and an anchor at the step from which it continues. Steps that the run has seen already are skipped and counted.
   */
  readonly resume?: boolean
  /** How many tries in a row may fail; default 10. */
  readonly retries?: number
  /**
   * Pause after the first failed try, unless the server says how long to wait; default 500 ms. Each pause is twice the last one,
   * up to 30 s.
   */
  readonly backoffMs?: number
  /** Longest wait for an answer; default 120,000 ms. */
  readonly timeoutMs?: number
  /** Receives the summaries in the answer to a piece, as lines of JSON. */
  readonly onSummaries?: (lines: readonly string[]) => void
  /** Called as soon as the poster gives up; training continues. Default: a message on the console. */
  readonly onError?: (error: unknown) => void
  /** Makes `close` throw the error that made the poster give up. */
  readonly strict?: boolean
}

export interface Poster {
  /**
   * Takes the next bytes of the stream and copies them. Never throws: after an error the bytes are dropped.
   *
   * @returns a promise to wait for if too many bytes are pending
   */
  write(bytes: Uint8Array): Promise<void> | undefined
  /** Posts the rest and settles when everything is answered. @throws E_OUTPUT if the poster gave up and is `strict` */
  close(): Promise<void>
}

/**
 * Posts a stream to a handler of `thalweg/edge`, piece by piece and in order, while training continues.
 *
 * Pieces are numbered, and are posted again if the network fails or the server is busy. The server takes each piece once.
 *
 * @example
 * ```ts
 * const out = poster('https://example.com/runs/mine/frames')
 * await model.fit(x, y, { callbacks: tap(model, { write: out.write }) })
 * await out.close()
 * ```
 */
export function poster(url: string | URL, options: PosterOptions = {}): Poster {
  const { pieceBytes = 4 * MiB, pieceMs = 1000, waitingBytes = 64 * MiB } = options
  const { resume = false, retries = 10, backoffMs = 500, timeoutMs = 120_000 } = options
  const to = { ...destination(url, options.headers), timeoutMs }
  const { onError = (error) => console.error(`thalweg: ${(error as Error).message}`) } = options

  if (!(pieceBytes >= 1)) {
    throw new ThalwegError(
      'E_CONFIG',
      `poster: "pieceBytes" is ${pieceBytes}, expected 1 or more. Leave it out for 4 MiB.`
    )
  }
  const gathered = new Uint8Array(pieceBytes)
  let used = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  /** The last piece that was answered, because a server may ask for it again, and all pieces without an answer yet. */
  const held: Uint8Array<ArrayBuffer>[] = []
  /** Number of the first of these pieces. */
  let first = 0
  let answered = 0
  /** Distinguishes this stream from all others that are posted to the run. */
  const join = crypto.getRandomValues(new Uint32Array(3)).join('-')
  /** Number of pieces that the run had before this stream. */
  let before = 0
  let waiting = 0
  let delivered = Promise.resolve()
  let failure: { readonly error: unknown } | undefined
  let waiters: (() => void)[] = []

  const cut = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (used === 0) return
    held.push(gathered.slice(0, used))
    waiting += used
    used = 0
    delivered = delivered.then(deliver).catch(fail)
  }

  /** Posts all pieces that are not answered yet. */
  const deliver = async (): Promise<void> => {
    let tries = 0
    let backoff = backoffMs
    let failing: number | undefined
    let next = answered
    while (next < first + held.length) {
      const begins = next === 0 ? join : undefined
      const answer = await post(to, before + next, held[next - first]!, begins)
      if (answer.what === 'taken') {
        failing = undefined
        if (next++ < answered) continue
        tries = 0
        backoff = backoffMs
        take(answer.text)
        continue
      }
      const gap = answer.what === 'gap'
      if (gap && answered === 0 && answer.expected > before) {
        if (!resume) throw taken(to.url, answer.expected)
        before = answer.expected
        continue
      }
      const why = gap ? `piece ${answer.expected} is expected` : answer.why
      const wanted = gap ? answer.expected - before : next
      if (wanted > next) throw overtaken(to.url, before + next)
      if (wanted < first) {
        throw givenUp(to.url, `refused piece ${before + next}: ${why}, which is not here any more`)
      }
      if (++tries > retries)
        throw givenUp(to.url, `did not take piece ${before + next} in ${tries} tries: ${why}`)
      if (gap) next = wanted
      else {
        failing ??= performance.now()
        warn(why, failing)
        await pause(answer.afterMs ?? backoff)
        backoff = Math.min(2 * backoff, longestBackoffMs)
      }
    }
  }

  /** Whether it has said that nobody takes the pieces. It keeps trying. */
  let hasWarned = false
  const warn = (why: string, since: number): void => {
    if (hasWarned || performance.now() - since < patienceMs) return
    hasWarned = true
    console.warn(
      `thalweg: ${nameOf(to.url)} does not answer yet (${why}); training continues, and so do the tries`
    )
  }

  const take = (text: string): void => {
    waiting -= held[answered - first]!.length
    if (++answered - first > 1) {
      held.shift()
      first++
    }
    if (waiting <= waitingBytes) release()
    if (text !== '') handOut(text.trimEnd().split('\n'))
  }

  /** Whether a callback that throws has been reported. It is reported once. */
  let hasThrown = false
  const handOut = (lines: readonly string[]): void => {
    try {
      options.onSummaries?.(lines)
    } catch (error) {
      if (!hasThrown) console.warn(`thalweg: "onSummaries" threw: ${(error as Error).message}`)
      hasThrown = true
    }
  }

  const release = (): void => {
    for (const go of waiters) go()
    waiters = []
  }

  const fail = (error: unknown): void => {
    failure = { error }
    held.length = 0
    clearTimeout(timer)
    release()
    onError(error)
  }

  return {
    write(bytes) {
      for (let at = 0; at < bytes.length && !failure; ) {
        const part = bytes.subarray(at, at + pieceBytes - used)
        gathered.set(part, used)
        used += part.length
        at += part.length
        if (used === pieceBytes) cut()
        else timer ??= setTimeout(cut, pieceMs)
      }
      if (failure || waiting <= waitingBytes) return undefined
      return new Promise((go) => waiters.push(go))
    },
    async close() {
      if (!failure) cut()
      await delivered
      if (failure && options.strict) throw failure.error
    },
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.min(ms, longestPauseMs)))
