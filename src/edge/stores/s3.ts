import { ThalwegError } from '../../error.ts'
import type { Bucket } from './bucket.ts'

export interface S3Options {
  /** The bucket: `https://my-bucket.s3.eu-central-1.amazonaws.com`, or `https://host/my-bucket`. */
  readonly url: string
  /** A fetch that signs its requests, such as the one of `aws4fetch`. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
}

/**
 * A bucket behind S3's REST interface; the service must support conditional writes (`If-Match`, `If-None-Match`).
 *
 * @example
 * ```ts
 * const aws = new AwsClient({ accessKeyId, secretAccessKey })
 * const store = bucketStore(s3Bucket({ url: 'https://my-bucket.s3.eu-central-1.amazonaws.com', fetch: aws.fetch.bind(aws) }))
 * ```
 */
export function s3Bucket({ url, fetch }: S3Options): Bucket {
  const base = url.replace(/\/+$/, '')
  const ask = async (path: string, method: string, accepted: readonly number[], init = {}) => {
    const response = await fetch(`${base}/${path}`, { method, ...init })
    if (response.ok || accepted.includes(response.status)) return response
    await response.body?.cancel()
    throw new ThalwegError('E_OUTPUT', `${method} ${path}: the bucket answers ${response.status}.`)
  }
  return {
    async get(key) {
      const response = await ask(key, 'GET', [404])
      if (response.ok) return Object.assign(response, { etag: response.headers.get('ETag') ?? '' })
      await response.body?.cancel()
      return null
    },
    async put(key, bytes, options) {
      const { onlyIf } = options ?? {}
      const headers: Record<string, string> = {}
      if (onlyIf && 'etagMatches' in onlyIf) headers['If-Match'] = onlyIf.etagMatches
      else if (onlyIf) headers['If-None-Match'] = '*'
      // 409: another conditional write is in progress. 404: the object to replace is gone.
      const refusals = onlyIf ? [404, 409, 412] : []
      const response = await ask(key, 'PUT', refusals, { headers, body: bytes })
      await response.body?.cancel()
      return response.ok ? { etag: response.headers.get('ETag') ?? '' } : null
    },
    async delete(keys) {
      for (const key of keys) await (await ask(key, 'DELETE', [404])).body?.cancel()
    },
    async list({ prefix, cursor }) {
      const query = new URLSearchParams({ 'list-type': '2', prefix })
      if (cursor !== undefined) query.set('continuation-token', cursor)
      const text = await (await ask(`?${query}`, 'GET', [])).text()
      const all = (tag: string) =>
        [...text.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, value]) => value!)
      return {
        objects: all('Key').map((key) => ({ key })),
        truncated: all('IsTruncated')[0] === 'true',
        cursor: all('NextContinuationToken')[0],
      }
    },
  }
}
