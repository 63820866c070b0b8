import { crc32 } from '../engine/state/crc32.ts'
import { Refusal } from './refusal.ts'
import { chunkBytes, type Store } from './store.ts'

/** Bytes of any length, stored as a run's chunks `name.0`, `name.1`, ... */
export interface Blob {
  readonly name: string
  readonly chunks: number
  readonly bytes: number
  readonly crc: number
}

/** The blob without bytes. */
export const noBytes: Blob = { name: '', chunks: 0, bytes: 0, crc: 0 }

const firstBytes = 1 << 16

export const chunkNames = ({ name, chunks }: Blob): string[] =>
  Array.from({ length: chunks }, (_, i) => `${name}.${i}`)

/**
 * Gathers small pieces of bytes into chunks of at most 1 MiB. Large pieces pass through without being copied. A chunk is valid
 * until the next one is requested.
 */
export class Chunker {
  #held = new Uint8Array(0)
  #length = 0

  #hold(piece: Uint8Array): void {
    const length = this.#length + piece.length
    if (length > this.#held.length) {
      const larger = new Uint8Array(Math.min(chunkBytes, Math.max(2 * length, firstBytes)))
      larger.set(this.#held.subarray(0, this.#length))
      this.#held = larger
    }
    this.#held.set(piece, this.#length)
    this.#length = length
  }

  *push(bytes: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.subarray(at, at + chunkBytes)
      const large = piece.length > chunkBytes / 2
      if (large || this.#length + piece.length > chunkBytes) yield* this.rest()
      if (large) yield piece
      else this.#hold(piece)
      at += piece.length
    }
  }

  *rest(): Generator<Uint8Array> {
    const held = this.#held.subarray(0, this.#length)
    this.#length = 0
    if (held.length > 0) yield held
  }
}

/** Writes a blob chunk by chunk. */
export class BlobWriter {
  readonly #store: Store
  readonly #run: string
  readonly #name: string
  #chunks = 0
  #bytes = 0
  #crc = 0

  constructor(store: Store, run: string, name: string) {
    this.#store = store
    this.#run = run
    this.#name = name
  }

  async put(chunk: Uint8Array): Promise<void> {
    this.#crc = crc32(chunk, this.#crc)
    this.#bytes += chunk.length
    await this.#store.putChunk(this.#run, `${this.#name}.${this.#chunks++}`, chunk)
  }

  /** Writes pieces of any size. */
  async putAll(pieces: Iterable<Uint8Array>): Promise<Blob> {
    const chunker = new Chunker()
    for (const piece of pieces) for (const chunk of chunker.push(piece)) await this.put(chunk)
    for (const chunk of chunker.rest()) await this.put(chunk)
    return this.blob
  }

  get blob(): Blob {
    return { name: this.#name, chunks: this.#chunks, bytes: this.#bytes, crc: this.#crc }
  }
}

/**
 * Reads the chunks of a blob. Only after the last one is it known that they are what was written.
 *
 * @throws E_MISSING if a chunk is not there, E_STATE if the bytes are not those that were written
 */
export async function* readBlob(store: Store, run: string, blob: Blob): AsyncGenerator<Uint8Array> {
  let bytes = 0
  let crc = 0
  for (const name of chunkNames(blob)) {
    const chunk = await store.getChunk(run, name)
    if (chunk === undefined) {
      throw new Refusal(
        'E_MISSING',
        `chunk ${name} of run "${run}" is not in the store. Try again.`
      )
    }
    bytes += chunk.length
    crc = crc32(chunk, crc)
    yield chunk
  }
  if (bytes !== blob.bytes || crc !== blob.crc) {
    throw new Refusal(
      'E_STATE',
      `what the store holds of run "${run}" is damaged: ${blob.name} has ${bytes} bytes, checksum ${crc}, ` +
        `expected ${blob.bytes} bytes, checksum ${blob.crc}. Delete the run and post it again.`
    )
  }
}

/** The whole of a blob as UTF-8 text. Empty if there is no blob. */
export async function textOf(store: Store, run: string, blob: Blob | undefined): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of blob ? readBlob(store, run, blob) : []) {
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
