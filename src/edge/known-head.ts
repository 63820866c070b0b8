import { decodeHead, encodeHead, type Head, newHead } from './head.ts'
import { Refusal } from './refusal.ts'
import type { Store, StoredHead } from './store.ts'

/** A run's head as this instance last read or wrote it. All changes of the head go through this class. */
export class KnownHead {
  readonly #store: Store
  readonly #run: string
  readonly #settings: number
  #stored: StoredHead | undefined
  /** Decoded from the stored bytes only when it is needed, so that a head that cannot be read can still be removed. */
  #head: Head | undefined

  /** @param settings checksum of the settings for a run that begins here */
  constructor(store: Store, run: string, settings: number) {
    this.#store = store
    this.#run = run
    this.#settings = settings
  }

  /** Whether the store has a head. */
  get exists(): boolean {
    return this.#stored !== undefined
  }

  /** The head, or that of a run without pieces if there is none. @throws E_STATE */
  get head(): Head {
    this.#head ??= this.#stored
      ? decodeHead(this.#run, this.#stored.bytes)
      : newHead(this.#run, this.#settings)
    return this.#head
  }

  /** Reads the head again. @returns whether it is unchanged */
  async refresh(): Promise<boolean> {
    const stored = await this.#store.head(this.#run)
    if (stored && stored.revision === this.#stored?.revision) return true
    this.#stored = stored
    this.#head = undefined
    return false
  }

  /** Writes the next head. @throws E_CONFLICT if the store has a different head than this instance knows */
  async replace(head: Head): Promise<void> {
    const bytes = encodeHead(head)
    const revision = await this.#store.compareAndSet(this.#run, this.#stored?.revision, bytes)
    this.#stored = revision === undefined ? await this.#written(bytes) : { revision, bytes }
    this.#head = head
  }

  /** Checks a head that was refused. If an answer was lost, the store's client asks a second time and finds its own head there. */
  async #written(bytes: Uint8Array): Promise<StoredHead> {
    const stored = await this.#store.head(this.#run)
    if (stored && bytes.every((byte, i) => byte === stored.bytes[i])) return stored
    throw conflict(this.#run)
  }

  /** Removes the whole run. If this breaks off, the next call completes it. @throws E_CONFLICT */
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
