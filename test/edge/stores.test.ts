import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Store } from '../../src/edge/store.ts'
import { type Bucket, bucketStore } from '../../src/edge/stores/bucket.ts'
import { type DurableStorage, durableObjectStore } from '../../src/edge/stores/durable-object.ts'
import { type KeyValue, kvStore } from '../../src/edge/stores/kv.ts'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import { s3Bucket } from '../../src/edge/stores/s3.ts'
import { fileStore } from '../../src/node/file-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))

/** A bucket as R2 has it, with pages of two keys. */
function bucket(): Bucket {
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

/** A Durable Object's storage; values are cloned with the whole buffer that they are views of. */
function storage(): DurableStorage {
  const values = new Map<string, unknown>()
  let last: Promise<unknown> = Promise.resolve()
  const inside: DurableStorage = {
    get: async (key) => structuredClone(values.get(key)),
    async put(key, value) {
      const bytes = value instanceof Uint8Array ? value.buffer.byteLength : 0
      assert.ok(bytes <= 2 ** 20, `${bytes} bytes are one value`)
      values.set(key, structuredClone(value))
    },
    async delete(keys) {
      assert.ok(keys.length <= 128)
      return keys.filter((key) => values.delete(key)).length
    },
    async list({ prefix, limit }) {
      const found = [...values].filter(([key]) => key.startsWith(prefix))
      return new Map(found.slice(0, limit))
    },
    transaction(work) {
      const done = last.then(() => work(inside))
      last = done
      return done
    },
  }
  return inside
}

function keyValue(): KeyValue {
  const values = new Map<string, Uint8Array>()
  return {
    get: async (key) => (values.get(key)?.slice().buffer as ArrayBuffer | undefined) ?? null,
    async put(key, value) {
      values.set(key, new Uint8Array(value as unknown as Uint8Array).slice())
    },
    async delete(key) {
      values.delete(key)
    },
    async list({ prefix, cursor = '' }) {
      const names = [...values.keys()].filter((key) => key.startsWith(prefix) && key > cursor)
      const page = names.sort().slice(0, 2)
      return {
        keys: page.map((name) => ({ name })),
        list_complete: names.length <= 2,
        cursor: page.at(-1),
      }
    },
  }
}

/** A server that speaks as much S3 as is asked of it. */
function s3(): Promise<{ server: Server; store: Store }> {
  const objects = bucket()
  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://host')
    const key = decodeURIComponent(url.pathname.slice('/bucket/'.length))
    const end = (status: number, body: string | Uint8Array = '', etag?: string) =>
      response.writeHead(status, etag ? { ETag: `"${etag}"` } : {}).end(body)
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
      resolve({ server, store: bucketStore(s3Bucket({ url, fetch })) })
    })
  })
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

let folders = 0
let s3Server: Server | undefined
const makers: Record<string, () => Store | Promise<Store>> = {
  memory: memoryStore,
  files: () => fileStore(join(folder, String(folders++))),
  'a bucket': () => bucketStore(bucket()),
  'an S3 bucket': async () => {
    const { server, store } = await s3()
    s3Server = server
    return store
  },
  'a Durable Object': () => durableObjectStore(storage()),
  'KV and another store for heads': () => kvStore(keyValue(), memoryStore()),
}

for (const [name, make] of Object.entries(makers)) {
  const store = suite(`a store in ${name}`)
  store.after.each(() => s3Server?.close())

  store('has no head and no chunk before one is written', async () => {
    const fresh = await make()
    assert.is(await fresh.head('a'), undefined)
    assert.is(await fresh.getChunk('a', 'x.0'), undefined)
    await fresh.delete('a')
    await fresh.delete('a', ['x.0'])
  })

  store('sets a head only over the one that was seen', async () => {
    const own = await make()
    const first = await own.compareAndSet('a', undefined, bytes(1))
    assert.type(first, 'string')
    assert.is(await own.compareAndSet('a', undefined, bytes(2)), undefined)
    assert.is(await own.compareAndSet('a', 'another', bytes(2)), undefined)
    const second = await own.compareAndSet('a', first, bytes(2))
    assert.is.not(second, undefined)
    assert.is.not(second, first)
    assert.is(await own.compareAndSet('a', first, bytes(3)), undefined)
    const head = (await own.head('a'))!
    assert.equal([head.revision, [...head.bytes]], [second, [2]])
  })

  store('lets one of many writers through', async () => {
    const own = await make()
    let revision: string | undefined
    for (let round = 0; round < 4; round++) {
      const writers = Array.from({ length: 5 }, (_, k) =>
        own.compareAndSet('a', revision, bytes(round, k))
      )
      const won = (await Promise.all(writers)).flatMap((set, k) => (set ? [{ set, k }] : []))
      assert.is(won.length, 1)
      const head = (await own.head('a'))!
      assert.equal([...head.bytes], [round, won[0]!.k])
      assert.is(head.revision, won[0]!.set)
      revision = head.revision
    }
  })

  store('gives a run that is begun anew revisions that it never had', async () => {
    const own = await make()
    const seen = new Set<string>()
    for (let life = 0; life < 3; life++) {
      let revision: string | undefined
      for (let n = 0; n < 3; n++) {
        revision = await own.compareAndSet('a', revision, bytes(life, n))
        assert.not(seen.has(revision!))
        seen.add(revision!)
      }
      await own.delete('a')
      assert.is(await own.head('a'), undefined)
    }
  })

  store('keeps chunks as they were when they were put, each run its own', async () => {
    const own = await make()
    const memory = new Uint8Array(4 * 2 ** 20).fill(7)
    const view = memory.subarray(2 ** 20, 2 * 2 ** 20)
    await own.putChunk('a', 's-1-x.0', view)
    memory.fill(8)
    await own.putChunk('A', 's-1-x.0', bytes(1))
    await own.putChunk('ab', 's-1-x.0', bytes(2))
    const chunk = (await own.getChunk('a', 's-1-x.0'))!
    assert.is(chunk.length, 2 ** 20)
    assert.ok(chunk.every((byte) => byte === 7))
    assert.equal([...(await own.getChunk('A', 's-1-x.0'))!], [1])
    assert.is(await own.getChunk('a', 's-1-x.1'), undefined)
  })

  store('deletes the chunks it is told to, or all of one run', async () => {
    const own = await make()
    for (const run of ['a', 'A', 'ab']) {
      for (let k = 0; k < 5; k++) await own.putChunk(run, `j.${k}`, bytes(k))
      await own.compareAndSet(run, undefined, bytes(1))
    }
    await own.delete('a', ['j.0', 'j.3', 'j.9'])
    const there = async (run: string) => {
      const chunks = [0, 1, 2, 3, 4].map((k) => own.getChunk(run, `j.${k}`))
      return (await Promise.all(chunks)).map((chunk) => chunk?.[0] ?? -1)
    }
    assert.equal(await there('a'), [-1, 1, 2, -1, 4])
    await own.delete('a')
    assert.equal(await there('a'), [-1, -1, -1, -1, -1])
    assert.is(await own.head('a'), undefined)
    for (const run of ['A', 'ab']) {
      assert.equal(await there(run), [0, 1, 2, 3, 4])
      assert.ok(await own.head(run))
    }
  })

  store.run()
}

process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
