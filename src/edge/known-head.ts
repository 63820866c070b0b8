import { decodeHead, encodeHead, type Head, newHead } from './head.ts'
import { Refusal } from './refusal.ts'
import type { Store, StoredHead } from './store.ts'

/** The head of a run as this instance has read or written it last, and the only way to another one. */
export class KnownHead {
  readonly #store: Store
  readonly #run: string
  readonly #settings: number
  #stored: StoredHead | undefined
  /** Made of what is stored when it is asked for: a head that cannot be read can still be removed. */
  #head: Head | undefined

  /** @param settings checksum of those under which the run begins here */
  constructor(store: Store, run: string, settings: number) {
    this.#store = store
    this.#run = run
    this.#settings = settings
  }

  /** Whether there is one in the store. */
  get exists(): boolean {
    return this.#stored !== undefined
  }

  /** That of a run without pieces where there is none. @throws E_STATE */
  get head(): Head {
    this.#head ??= this.#stored
      ? decodeHead(this.#run, this.#stored.bytes)
      : newHead(this.#run, this.#settings)
    return this.#head
  }

  /** Reads it anew. @returns whether it is still the same */
  async refresh(): Promise<boolean> {
    const stored = await this.#store.head(this.#run)
    if (stored && stored.revision === this.#stored?.revision) return true
    this.#stored = stored
    this.#head = undefined
    return false
  }

  /** Writes the next one. @throws E_CONFLICT where the store holds another one, of whatever age */
  async replace(head: Head): Promise<void> {
    const bytes = encodeHead(head)
    const revision = await this.#store.compareAndSet(this.#run, this.#stored?.revision, bytes)
    this.#stored = revision === undefined ? await this.#written(bytes) : { revision, bytes }
    this.#head = head
  }

  /** A head that was refused: the client of a store asks twice where an answer was lost, and meets what it has written. */
  async #written(bytes: Uint8Array): Promise<StoredHead> {
    const stored = await this.#store.head(this.#run)
    if (stored && bytes.every((byte, i) => byte === stored.bytes[i])) return stored
    throw conflict(this.#run)
  }

  /** Removes all of the run. What breaks off here the next call completes. @throws E_CONFLICT */
  async remove(): Promise<void> {
    await this.replace({ ...newHead(this.#run, this.#settings), deleted: true })
    await this.#store.delete(this.#run)
  }
}

export function noRun(run: string): Refusal {
  return new Refusal('E_NO_RUN', `there is no run "${run}". Its first piece begins it.`)
}

export function conflict(run: string): Refusal {
  return new Refusal('E_CONFLICT', `another request was at work on run "${run}". Try again.`)
}
