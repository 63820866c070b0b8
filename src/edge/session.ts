import { identity, type Settings } from '../engine/settings/settings.ts'
import { crc32 } from '../engine/state/crc32.ts'
import { ThalwegError } from '../error.ts'
import { type Blob, chunkNames, textOf } from './blob.ts'
import { type Body, outOfRoom } from './body.ts'
import { blobsOf, journalBytes } from './head.ts'
import { conflict, KnownHead, noRun } from './known-head.ts'
import type { HandlerLimits } from './limits.ts'
import { Live } from './live.ts'
import { Piece } from './piece.ts'
import { errorLine, Refusal } from './refusal.ts'
import type { Numbered } from './route.ts'
import type { Slots } from './slots.ts'
import type { Store } from './store.ts'
import { type Taken, take } from './take.ts'

/** What all sessions of a handler have in common. */
export interface Host {
  readonly settings: Settings
  readonly store: Store
  readonly limits: HandlerLimits
  readonly slots: Slots
  /** Releases the memory of other runs until there is room for this many bytes. @throws E_BUSY */
  reserve(bytes: number, session: Session): void
}

/** A posted piece. */
export interface Posted extends Numbered {
  readonly body: Body
  /** The client that posted it. */
  readonly client: string
}

/** The answer to a request about a piece. */
export interface Reply {
  readonly status: number
  /** Number of the next expected piece. */
  readonly expected: number
  readonly text: string
  /** Whether the piece was new and advanced the run. */
  readonly isNew: boolean
}

/**
 * One run as this instance knows it. A piece is answered only after it is in the journal and the head that counts it is written.
 * Until then only this instance knows what the piece did, and can drop it, because the store has everything before it.
 * Only one call may run at a time.
 */
export class Session {
  readonly #run: string
  readonly #host: Host
  readonly #identity: number
  readonly #known: KnownHead
  #live: Live | undefined
  #isAtWork = false
  /** The piece that is being read while its run is analysed. */
  #coming: Body | undefined

  constructor(run: string, host: Host) {
    this.#run = run
    this.#host = host
    this.#identity = crc32(new TextEncoder().encode(identity(host.settings)))
    this.#known = new KnownHead(host.store, run, this.#identity)
  }

  /** Bytes of memory that it holds; 0 if the run is only in the store. */
  get bytes(): number {
    return this.#live?.bytes ?? 0
  }

  /** Whether no piece of the run has been taken yet. */
  get begins(): boolean {
    return !this.#known.exists || this.#known.head.expected === 0
  }

  /** Whether its memory is in use. */
  get isAtWork(): boolean {
    return this.#isAtWork
  }

  /** Releases the run's memory. */
  drop(): void {
    this.#live = undefined
    this.#coming?.stop()
  }

  /**
   * The answer to a piece that will not be taken. Undefined if the piece is the next one.
   *
   * @throws E_GAP, E_STATE, E_CONFLICT
   */
  async foretell({ sequence, join }: Numbered): Promise<Reply | undefined> {
    await this.#refresh()
    const { expected, answers, ended, deleted, settings } = this.#known.head
    if (deleted) throw conflict(this.#run)
    const known = answers[answers.length - (expected - sequence)]
    // A piece of the same number from another stream is a different piece.
    if (sequence < expected && known?.join === join) {
      const text = await textOf(this.#host.store, this.#run, known?.blob)
      return { status: known?.status ?? 200, expected, text, isNew: false }
    }
    if (ended && sequence >= expected) {
      const text = errorLine(ended.code, `the run has ended: ${ended.message}`)
      return { status: 422, expected, text, isNew: false }
    }
    if (sequence !== expected) throw gap(sequence, expected)
    if (settings !== this.#identity && expected > 0) {
      throw new Refusal(
        'E_STATE',
        `run "${this.#run}" was begun under another pipeline. Go on with that one, or delete the run.`
      )
    }
    return undefined
  }

  /** Takes a piece of the stream. If it was taken already, gives the same answer again. */
  async post(posted: Posted): Promise<Reply> {
    const { join, body, client } = posted
    const foretold = await this.foretell(posted)
    if (foretold) return foretold
    this.#coming = body
    try {
      return await this.#take(body, client, join)
    } catch (error) {
      this.drop()
      throw error
    } finally {
      this.#coming = undefined
    }
  }

  /**
   * Ends the run as if the stream ended here, and removes all of it.
   *
   * @returns its last summaries, if it was open and could be read, and there are not too many
   */
  async end(client: string): Promise<string> {
    await this.#refresh()
    if (!this.#known.exists) throw noRun(this.#run)
    let text = ''
    try {
      const { ended, deleted, settings } = this.#known.head
      if (!ended && !deleted && settings === this.#identity) {
        text = await this.#step(client, async () => {
          const live = await this.#load()
          live.end()
          return live.takeText()
        })
      }
    } catch (error) {
      // A run that cannot be read, or has too many summaries, can still be removed.
      if (!(error instanceof ThalwegError || isLost(error))) throw error
    } finally {
      this.drop()
    }
    await this.#known.remove()
    return text
  }

  /** Does a step that needs the run's memory, when it is this client's turn. */
  async #step<T>(client: string, work: () => Promise<T> | T): Promise<T> {
    const { slots, reserve } = this.#host
    return slots.use(client, !this.begins, async () => {
      this.#isAtWork = true
      try {
        return await work()
      } finally {
        this.#isAtWork = false
        reserve(0, this)
      }
    })
  }

  /** Reads the head again. What is in memory is valid only if the head is still the one that was written here. */
  async #refresh(): Promise<void> {
    if (!(await this.#known.refresh())) this.drop()
  }

  async #load(): Promise<Live> {
    if (this.#live) return this.#live
    const { settings, store, limits } = this.#host
    const reserve = (bytes: number) => this.#host.reserve(bytes, this)
    this.#live = new Live(settings, limits.answerBytes, reserve)
    try {
      await this.#live.load(store, this.#known.head)
    } catch (error) {
      throw (await this.#known.refresh()) ? error : conflict(this.#run)
    }
    return this.#live
  }

  async #take(body: Body, client: string, join?: string): Promise<Reply> {
    const { store, limits } = this.#host
    const known = this.#known
    const replayed = this.#live ? 0 : journalBytes(known.head)
    const live = await this.#step(client, () => this.#load())
    const step = <T>(work: () => Promise<T> | T): Promise<T> =>
      this.#step(client, () => {
        if (this.#live !== live) throw outOfRoom()
        return work()
      })
    const before = {
      ...known.head,
      settings: this.#identity,
      replayed: known.head.replayed + replayed,
    }
    const piece = new Piece(store, this.#run, before.expected)
    // The head is written before the first chunk. So if a DELETE comes in between, it removes the chunks and the piece is
    // refused.
    const begin = async () => {
      if (!known.exists) await known.replace(known.head)
    }
    let taken: Taken
    try {
      taken = await take(before, piece, { live, body, step, join, limits, begin })
    } catch (error) {
      await piece.undo()
      throw error
    }
    const { head, text } = taken
    try {
      await known.replace(head)
    } catch (error) {
      // The head may have been written despite the error, and another instance may have continued from it. As long as the old
      // head is there, the new one may still be written.
      if (!(await known.refresh())) await this.#sweep(piece.blobs)
      throw error
    }
    if (head.ended) this.drop()
    await this.#sweep([...blobsOf(before), ...piece.blobs])
    const { status } = head.answers.at(-1)!
    return { status, expected: head.expected, text, isNew: status === 200 }
  }

  /** Removes blobs that the head no longer names. If that fails, the rest is removed when the run is deleted. */
  async #sweep(blobs: readonly Blob[]): Promise<void> {
    const named = new Set(blobsOf(this.#known.head).map(({ name }) => name))
    const gone = blobs.filter(({ name }) => !named.has(name))
    if (gone.length > 0) {
      await this.#host.store.delete(this.#run, gone.flatMap(chunkNames)).catch(() => {})
    }
  }
}

function isLost(error: unknown): boolean {
  const codes = ['E_STATE', 'E_MISSING', 'E_ANSWER_SIZE']
  return error instanceof Refusal && codes.includes(error.code)
}

function gap(sequence: number, expected: number): Refusal {
  const came =
    sequence < expected ? `another stream's piece ${sequence} was taken` : `piece ${sequence} came`
  return new Refusal('E_GAP', `${came}, piece ${expected} is expected.`, {
    'Thalweg-Expected': String(expected),
  })
}
