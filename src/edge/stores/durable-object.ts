import type { Store } from '../store.ts'

interface Cell {
  get(key: string): Promise<unknown>
  put(key: string, value: unknown): Promise<void>
}

/** The part of a Durable Object's storage that is used. */
export interface DurableStorage extends Cell {
  delete(keys: string[]): Promise<number>
  list(options: { prefix: string; limit: number }): Promise<Map<string, unknown>>
  transaction<T>(work: (inside: Cell) => Promise<T>): Promise<T>
}

/** How many keys a Durable Object takes at once at most. */
const mostKeys = 128

/**
 * Stores runs in a Durable Object's own storage. The object's class must have the SQLite backend, because the other backend
 * limits values to 128 KiB.
 *
 * @example
 * ```ts
 * const store = durableObjectStore(state.storage)
 * ```
 */
export function durableObjectStore(storage: DurableStorage): Store {
  const headKey = (run: string) => `${run}/head`
  const chunkKey = (run: string, name: string) => `${run}/chunks/${name}`
  const headOf = async (from: Cell, run: string) =>
    (await from.get(headKey(run))) as { revision: string; bytes: Uint8Array } | undefined
  const remove = async (keys: string[]) => {
    for (let i = 0; i < keys.length; i += mostKeys)
      await storage.delete(keys.slice(i, i + mostKeys))
  }
  return {
    head: (run) => headOf(storage, run),
    compareAndSet: (run, revision, head) =>
      storage.transaction(async (inside) => {
        if ((await headOf(inside, run))?.revision !== revision) return undefined
        const stored = { revision: crypto.randomUUID(), bytes: head.slice() }
        await inside.put(headKey(run), stored)
        return stored.revision
      }),
    // A copy, because a view would be stored with its whole buffer, which may be all of an analysis's memory.
    putChunk: (run, name, bytes) => storage.put(chunkKey(run, name), bytes.slice()),
    getChunk: async (run, name) =>
      (await storage.get(chunkKey(run, name))) as Uint8Array | undefined,
    async delete(run, names) {
      if (names) return remove(names.map((name) => chunkKey(run, name)))
      for (;;) {
        // A few at a time, because a list contains the values too.
        const page = await storage.list({ prefix: chunkKey(run, ''), limit: 8 })
        if (page.size === 0) break
        await remove([...page.keys()])
      }
      await remove([headKey(run)])
    },
  }
}
