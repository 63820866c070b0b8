import type { Store } from '../store.ts'

/** The part of a key-value store that is used, as in Cloudflare's KV. */
export interface KeyValue {
  get(key: string, type: 'arrayBuffer'): Promise<ArrayBuffer | null>
  put(key: string, value: ArrayBuffer | ArrayBufferView): Promise<void>
  delete(key: string): Promise<void>
  list(options: { prefix: string; cursor?: string }): Promise<{
    readonly keys: readonly { readonly name: string }[]
    readonly list_complete: boolean
    readonly cursor?: string
  }>
}

/**
 * Stores chunks in a key-value store, whose writes may be visible late elsewhere. Heads are in another store, because a key-value
 * store has no compare-and-set. If a chunk is not visible yet, the handler answers 503, and the client tries again.
 *
 * @example
 * ```ts
 * const store = kvStore(kv, durableObjectStore(state.storage))
 * ```
 */
export function kvStore(kv: KeyValue, heads: Store, prefix = 'thalweg/'): Store {
  const chunkKey = (run: string, name: string) => `${prefix}${run}/${name}`
  return {
    head: (run) => heads.head(run),
    compareAndSet: (run, revision, head) => heads.compareAndSet(run, revision, head),
    putChunk: (run, name, bytes) => kv.put(chunkKey(run, name), bytes),
    async getChunk(run, name) {
      const bytes = await kv.get(chunkKey(run, name), 'arrayBuffer')
      return bytes ? new Uint8Array(bytes) : undefined
    },
    async delete(run, names) {
      for (const name of names ?? []) await kv.delete(chunkKey(run, name))
      if (names) return
      let cursor: string | undefined
      do {
        const page = await kv.list({ prefix: chunkKey(run, ''), cursor })
        for (const { name } of page.keys) await kv.delete(name)
        cursor = page.list_complete ? undefined : page.cursor
      } while (cursor !== undefined)
      await heads.delete(run)
    },
  }
}
