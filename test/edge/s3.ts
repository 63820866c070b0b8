import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Bucket } from '../../src/edge/stores/bucket.ts'

/** A bucket as R2 has it, with pages of two keys. */
export function bucket(): Bucket {
  const objects = new Map<string, Uint8Array>()
  const etagOf = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
  return {
    async get(key) {
      const bytes = objects.get(key)
      return bytes
        ? { etag: etagOf(bytes), arrayBuffer: async () => bytes.slice().buffer as ArrayBuffer }
        : null
    },
    async put(key, bytes, options) {
      const there = objects.get(key)
      const { onlyIf } = options ?? {}
      if (onlyIf && 'etagDoesNotMatch' in onlyIf && there) return null
      if (onlyIf && 'etagMatches' in onlyIf && (!there || etagOf(there) !== onlyIf.etagMatches))
        return null
      objects.set(key, bytes.slice())
      return { etag: etagOf(bytes) }
    },
    async delete(keys) {
      for (const key of keys) objects.delete(key)
    },
    async list({ prefix, cursor = '' }) {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > cursor)
      const page = keys.sort().slice(0, 2)
      const truncated = keys.length > 2
      return { objects: page.map((key) => ({ key })), truncated, cursor: page.at(-1) }
    },
  }
}

/**
 * Serves a bucket on loopback, in as much S3 as is asked of it.
 *
 * @param signed whether a request may be answered
 */
export function serveS3(
  signed: (request: IncomingMessage) => boolean = () => true
): Promise<{ server: Server; url: string }> {
  const objects = bucket()
  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://host')
    const key = decodeURIComponent(url.pathname.slice('/bucket/'.length))
    const end = (status: number, body: string | Uint8Array = '', etag?: string) =>
      response.writeHead(status, etag ? { ETag: `"${etag}"` } : {}).end(body)
    if (!signed(request)) return end(403)
    if (request.method === 'DELETE') {
      await objects.delete([key])
      return end(204)
    }
    if (request.method === 'PUT') {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const match = request.headers['if-match']?.replaceAll('"', '')
      const none = request.headers['if-none-match'] === '*'
      const onlyIf = match ? { etagMatches: match } : { etagDoesNotMatch: '*' as const }
      const bytes = new Uint8Array(Buffer.concat(chunks))
      const put = await objects.put(key, bytes, match || none ? { onlyIf } : undefined)
      return put ? end(200, '', put.etag) : end(412)
    }
    if (url.searchParams.get('list-type') === '2') {
      const prefix = url.searchParams.get('prefix')!
      const cursor = url.searchParams.get('continuation-token') ?? undefined
      const page = await objects.list({ prefix, cursor })
      const keys = page.objects.map(({ key }) => `<Contents><Key>${key}</Key></Contents>`)
      const token = `<NextContinuationToken>${page.cursor}</NextContinuationToken>`
      return end(200, `<IsTruncated>${page.truncated}</IsTruncated>${keys.join('')}${token}`)
    }
    const object = await objects.get(key)
    return object ? end(200, new Uint8Array(await object.arrayBuffer()), object.etag) : end(404)
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket/`
      resolve({ server, url })
    })
  })
}
