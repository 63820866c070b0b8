/** Largest chunk that is put into a store, in bytes. */
export const chunkBytes = 1 << 20

/** A run's head as a store holds it. */
export interface StoredHead {
  /** Changes with every write and never repeats, not even after the run was deleted and begun again. */
  readonly revision: string
  readonly bytes: Uint8Array
}

/**
 * Where runs live between requests. A run has one head, some kB, and chunks of at most 1 MiB. Run ids match
 * `^[A-Za-z0-9_-]{1,64}$` and differ by case too; names of chunks match `^[a-z0-9.-]{1,64}$`. No chunk is ever written
 * twice, and none is read before the head that names it is written.
 *
 * When a promise resolves, its effect is durable, and every reader that begins later sees it. Bytes that are handed in are
 * valid only until the promise settles, so a store that keeps them must copy them. Every failure rejects.
 */
export interface Store {
  /** The head of a run. Undefined if there is none. */
  head(run: string): Promise<StoredHead | undefined>
  /**
   * Writes the head if its revision is still this one, or, if undefined, if there is no head. Any number of writers in any number
   * of instances may try with the same revision: exactly one succeeds. No two heads have the same bytes.
   *
   * @returns the new revision, or undefined if the head is a different one by now
   */
  compareAndSet(
    run: string,
    revision: string | undefined,
    head: Uint8Array
  ): Promise<string | undefined>
  putChunk(run: string, name: string, bytes: Uint8Array): Promise<void>
  /** Undefined if there is no such chunk. */
  getChunk(run: string, name: string): Promise<Uint8Array | undefined>
  /**
   * Removes these chunks; a chunk that does not exist is not a failure. Without names it removes the whole run: first all
   * chunks, also those that no head names, and then the head.
   */
  delete(run: string, names?: readonly string[]): Promise<void>
}
