import type { Store } from '../store.ts'

/**
 * Stores runs in the memory of this process: for tests, and for servers whose runs may be lost when they stop.
 *
 * @example
 * ```ts
 * const fetch = handler(pipeline, { stages: [svd()], store: memoryStore(), authorize: () => true })
 * ```
 */
export function memoryStore(): Store {
  const heads = new Map<string, { revision: string; bytes: Uint8Array }>()
  const chunks = new Map<string, Map<string, Uint8Array>>()
  let writes = 0
  return {
    head: async (run) => heads.get(run),
    async compareAndSet(run, revision, head) {
      if (heads.get(run)?.revision !== revision) return undefined
      const stored = { revision: String(++writes), bytes: head.slice() }
      heads.set(run, stored)
      return stored.revision
    },
    async putChunk(run, name, bytes) {
      const own = chunks.get(run) ?? new Map<string, Uint8Array>()
      chunks.set(run, own.set(name, bytes.slice()))
    },
    getChunk: async (run, name) => chunks.get(run)?.get(name),
    async delete(run, names) {
      for (const name of names ?? []) chunks.get(run)?.delete(name)
      if (names) return
      chunks.delete(run)
      heads.delete(run)
    },
  }
}
