import type { Settings } from '../engine/settings.ts'
import { crc32 } from '../engine/state/crc32.ts'
import { identity } from '../engine/state/header.ts'
import { exitCodes, ThalwegError } from '../error.ts'
import { type Blob, chunkNames } from './blob.ts'
import { pieceChunks } from './body.ts'
import { blobsOf, decodeHead, encodeHead, type Head, newHead } from './head.ts'
import type { HandlerLimits } from './limits.ts'
import { Live } from './live.ts'
import { nextHead, savesAfter } from './next-head.ts'
import { Piece } from './piece.ts'
import { errorLine, Refusal } from './refusal.ts'
import type { Numbered } from './route.ts'
import type { Store } from './store.ts'

/** What all sessions of a handler share. */
export interface Host {
  readonly settings: Settings
  readonly store: Store
  readonly limits: HandlerLimits
  /** Lets go of another run's memory if there is no room for one more. @throws E_BUSY */
  makeRoom(): void
}

/** What a request about a piece is answered. */
export interface Reply {
  readonly status: number
  /** Number of the piece that is to come next. */
  readonly expected: number
  readonly text?: string
  /** Where the text lies in the store, if it is not here. */
  readonly blob?: Blob
}

/**
 * One run as this instance knows it. A piece is journalled, and the head that counts it written, before it is answered;
 * until then all that it did is this instance's alone and can be dropped, since the store has everything before it.
 * One call at a time.
 */
export class Session {
  readonly #run: string
  readonly #host: Host
  readonly #identity: number
  #head: Head
  #revision: string | undefined
  #live: Live | undefined
  /** Bytes of the journal that were read to make `#live`, until a head counts them. */
  #replayed = 0

  constructor(run: string, host: Host) {
    this.#run = run
    this.#host = host
    this.#identity = crc32(new TextEncoder().encode(identity(host.settings)))
    this.#head = newHead(run, this.#identity)
  }

  /** Whether it holds the run's memory. */
  get isLive(): boolean {
    return this.#live !== undefined
  }

  /** Gives the run's memory back. */
  drop(): void {
    this.#live = undefined
  }

  /** Takes a piece of the stream, or answers again what it was answered. */
  async post({ sequence, join }: Numbered, request: Request): Promise<Reply> {
    await this.#refresh()
    const { expected, answers, ended, settings } = this.#head
    const known = answers[answers.length - (expected - sequence)]
    // Another stream's piece of the same number is another piece.
    if (sequence < expected && known?.join === join) {
      return { status: known?.status ?? 200, expected, blob: known?.blob }
    }
    if (ended && sequence >= expected) {
      const text = `${errorLine(ended.code, `the run has ended: ${ended.message}`)}\n`
      return { status: 422, expected, text }
    }
    if (sequence !== expected) {
      throw new Refusal('E_GAP', `piece ${sequence} came, piece ${expected} is expected.`, {
        'Thalweg-Expected': String(expected),
      })
    }
    if (settings !== this.#identity) {
      throw new Refusal(
        'E_STATE',
        `run "${this.#run}" was begun under another pipeline. Go on with that one, or delete the run.`
      )
    }
    try {
      return await this.#take(await this.#load(), request, join)
    } catch (error) {
      this.drop()
      throw error
    }
  }

  /**
   * Ends the run as if the stream ended here and removes all of it.
   *
   * @returns its last summaries, where it was open and could be read
   */
  async end(): Promise<string> {
    const stored = await this.#host.store.head(this.#run)
    if (!stored) throw noRun(this.#run)
    let text = ''
    try {
      await this.#refresh()
      if (!this.#head.ended && this.#head.settings === this.#identity) {
        const live = await this.#load()
        live.end()
        text = live.takeLines().map(withEnd).join('')
      }
    } catch (error) {
      // What cannot be read can still be removed.
      if (!(error instanceof ThalwegError || isDamage(error))) throw error
    } finally {
      this.drop()
    }
    const head: Head = { ...newHead(this.#run, this.#identity), deleted: true }
    const { store } = this.#host
    if (!(await store.compareAndSet(this.#run, stored.revision, encodeHead(head)))) {
      throw conflict(this.#run)
    }
    await store.delete(this.#run)
    return text
  }

  /** Reads the head; what is in memory holds only if it is still the one that was written here. */
  async #refresh(): Promise<void> {
    const stored = await this.#host.store.head(this.#run)
    if (!stored || stored.revision !== this.#revision) this.drop()
    if (!stored) this.#head = newHead(this.#run, this.#identity)
    else if (stored.revision !== this.#revision) this.#head = decodeHead(this.#run, stored.bytes)
    this.#revision = stored?.revision
    if (this.#head.deleted) throw conflict(this.#run)
  }

  async #load(): Promise<Live> {
    if (this.#live) return this.#live
    const { settings, store, limits, makeRoom } = this.#host
    makeRoom()
    this.#live = new Live(settings, limits.answerBytes)
    try {
      await this.#live.load(store, this.#head)
    } catch (error) {
      const now = await store.head(this.#run)
      throw now?.revision === this.#revision ? error : conflict(this.#run)
    }
    this.#replayed = this.#head.journal.reduce((sum, { bytes }) => sum + bytes, 0)
    return this.#live
  }

  async #take(live: Live, request: Request, join?: string): Promise<Reply> {
    const { store, limits } = this.#host
    const before = { ...this.#head, replayed: this.#head.replayed + this.#replayed }
    // A state that is written after the piece holds all of it: then the journal need not.
    const announced = Number(request.headers.get('Content-Length'))
    const held = live.run && savesAfter(before, announced, live.run, limits)
    const piece = new Piece(store, this.#run, before.expected)
    let head: Head
    let text: string
    try {
      let failure: ThalwegError | undefined
      let bytes = 0
      for await (const chunk of pieceChunks(request, limits)) {
        if (bytes === 0 && join !== undefined) live.join()
        bytes += chunk.length
        if (before.posted + bytes > limits.runBytes) throw tooLong(limits)
        if (!held) await piece.journal.put(chunk)
        failure = tried(() => live.push(chunk))
        if (failure) break
      }
      if (failure) live.end(failure)
      text = live.takeLines().map(withEnd).join('')
      if (failure) text += `${errorLine(failure.code, failure.message)}\n`
      head = await nextHead(before, { piece, bytes, join, live, text, failure, limits })
    } catch (error) {
      await piece.undo()
      throw error
    }
    const revision = await store.compareAndSet(this.#run, this.#revision, encodeHead(head))
    if (revision === undefined) {
      await piece.undo()
      throw conflict(this.#run)
    }
    this.#head = head
    this.#revision = revision
    this.#replayed = 0
    if (head.ended) this.drop()
    await this.#sweep([...blobsOf(before), ...piece.blobs], head)
    return { status: head.answers.at(-1)!.status, expected: head.expected, text }
  }

  /** Removes what the new head names no more. What stays behind after a failure goes when the run is deleted. */
  async #sweep(blobs: readonly Blob[], head: Head): Promise<void> {
    const named = new Set(blobsOf(head).map(({ name }) => name))
    const gone = blobs.filter(({ name }) => !named.has(name))
    if (gone.length > 0) {
      await this.#host.store.delete(this.#run, gone.flatMap(chunkNames)).catch(() => {})
    }
  }
}

export function noRun(run: string): Refusal {
  return new Refusal('E_NO_RUN', `there is no run "${run}". Its first piece begins it.`)
}

/** What the stream itself is to blame for; anything else is thrown. @throws E_JOIN where it is not of the run it joins */
function tried(take: () => void): ThalwegError | undefined {
  try {
    take()
    return undefined
  } catch (error) {
    if (!(error instanceof ThalwegError) || ![65, 78].includes(exitCodes[error.code])) throw error
    if (error.code === 'E_STATE') throw new Refusal('E_JOIN', error.message)
    return error
  }
}

const withEnd = (line: string): string => `${line}\n`

function isDamage(error: unknown): boolean {
  return error instanceof Refusal && (error.code === 'E_STATE' || error.code === 'E_MISSING')
}

function conflict(run: string): Refusal {
  return new Refusal('E_CONFLICT', `another request was at work on run "${run}". Try again.`)
}

function tooLong({ runBytes }: HandlerLimits): Refusal {
  return new Refusal(
    'E_RUN_SIZE',
    `a run may have ${runBytes} bytes. Delete it, or raise the limit.`
  )
}
