import type { Store } from '../store.ts'

/** The part of a bucket's interface that is used. Cloudflare's R2 has it already; `s3Bucket` makes it for anything that speaks S3. */
export interface Bucket {
  get(key: string): Promise<{ readonly etag: string; arrayBuffer(): Promise<ArrayBuffer> } | null>
  /** Null if the condition does not hold. It is that the object has this ETag, or, for `*`, that there is no object. */
  put(
    key: string,
    bytes: Uint8Array,
    options?: { onlyIf: { etagMatches: string } | { etagDoesNotMatch: '*' } }
  ): Promise<{ readonly etag: string } | null>
  delete(keys: string[]): Promise<void>
  list(options: { prefix: string; cursor?: string }): Promise<{
    readonly objects: readonly { readonly key: string }[]
    readonly truncated: boolean
    readonly cursor?: string
  }>
}

/** How many keys a bucket removes at once at most. */
const mostKeys = 1000

/**
 * Stores runs in a bucket with conditional writes and strong consistency. A head's ETag is its revision, since no two heads are
 * equal.
 *
 * @param prefix beginning of all keys
 *
 * @example
 * ```ts
 * const store = bucketStore(env.BUCKET) // Cloudflare R2, as a Worker is given it
 * ```
 */
export function bucketStore(bucket: Bucket, prefix = 'thalweg/'): Store {
  const headKey = (run: string) => `${prefix}${run}/head`
  const chunkKey = (run: string, name: string) => `${prefix}${run}/chunks/${name}`
  const remove = async (keys: string[]) => {
    for (let i = 0; i < keys.length; i += mostKeys) await bucket.delete(keys.slice(i, i + mostKeys))
  }
  return {
    async head(run) {
      const object = await bucket.get(headKey(run))
      if (!object) return undefined
      return { revision: object.etag, bytes: new Uint8Array(await object.arrayBuffer()) }
    },
    async compareAndSet(run, revision, head) {
      const onlyIf =
        revision === undefined ? { etagDoesNotMatch: '*' as const } : { etagMatches: revision }
      return (await bucket.put(headKey(run), head, { onlyIf }))?.etag
    },
    async putChunk(run, name, bytes) {
      await bucket.put(chunkKey(run, name), bytes)
    },
    async getChunk(run, name) {
      const object = await bucket.get(chunkKey(run, name))
      return object ? new Uint8Array(await object.arrayBuffer()) : undefined
    },
    async delete(run, names) {
      if (names) return remove(names.map((name) => chunkKey(run, name)))
      let cursor: string | undefined
      do {
        const page = await bucket.list({ prefix: chunkKey(run, ''), cursor })
        await remove(page.objects.map(({ key }) => key))
        cursor = page.truncated ? page.cursor : undefined
      } while (cursor !== undefined)
      await bucket.delete([headKey(run)])
    },
  }
}
