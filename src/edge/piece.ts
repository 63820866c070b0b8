import { type Blob, BlobWriter, chunkNames } from './blob.ts'
import type { Store } from './store.ts'

/** What one attempt to process a piece writes into the store, under its own names. */
export class Piece {
  readonly journal: BlobWriter
  /** A name that no other attempt has. */
  readonly name: string
  readonly #store: Store
  readonly #run: string
  readonly #writers: BlobWriter[] = []

  constructor(store: Store, run: string, sequence: number) {
    const random = crypto.getRandomValues(new Uint32Array(2))
    this.#store = store
    this.#run = run
    this.name = [sequence, ...random].map((number) => number.toString(36)).join('-')
    this.journal = this.#writer('j')
  }

  /** Writes a blob of this kind. Undefined if it is empty. */
  async write(kind: string, parts: Iterable<Uint8Array | string>): Promise<Blob | undefined> {
    const blob = await this.#writer(kind).putAll(encoded(parts))
    return blob.bytes > 0 ? blob : undefined
  }

  /** All blobs that were written. */
  get blobs(): Blob[] {
    return this.#writers.map(({ blob }) => blob)
  }

  /** Removes everything that was written, as far as the store permits. */
  async undo(): Promise<void> {
    const names = this.blobs.flatMap(chunkNames)
    if (names.length > 0) await this.#store.delete(this.#run, names).catch(() => {})
  }

  #writer(kind: string): BlobWriter {
    const writer = new BlobWriter(this.#store, this.#run, `${kind}-${this.name}`)
    this.#writers.push(writer)
    return writer
  }
}

function* encoded(parts: Iterable<Uint8Array | string>): Generator<Uint8Array> {
  const encoder = new TextEncoder()
  for (const part of parts) yield typeof part === 'string' ? encoder.encode(part) : part
}
