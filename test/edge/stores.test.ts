import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Store } from '../../src/edge/store.ts'
import { bucketStore } from '../../src/edge/stores/bucket.ts'
import { type DurableStorage, durableObjectStore } from '../../src/edge/stores/durable-object.ts'
import { type KeyValue, kvStore } from '../../src/edge/stores/kv.ts'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import { s3Bucket } from '../../src/edge/stores/s3.ts'
import { fileStore } from '../../src/node/file-store.ts'
import { bucket, serveS3 } from './s3.ts'

const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))

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

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

let folders = 0
let s3Server: Server | undefined
const makers: Record<string, () => Store | Promise<Store>> = {
  memory: memoryStore,
  files: () => fileStore(join(folder, String(folders++))),
  'a bucket': () => bucketStore(bucket()),
  'an S3 bucket': async () => {
    const { server, url } = await serveS3()
    s3Server = server
    return bucketStore(s3Bucket({ url, fetch }))
  },
  'a Durable Object': () => durableObjectStore(storage()),
  'KV and another store for heads': () => kvStore(keyValue(), memoryStore()),
}

for (const [name, make] of Object.entries(makers)) {
  const store = suite(`a store in ${name}`)
  store.after.each(() => {
    s3Server?.close()
  })

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

const files = suite('a store of files')

files('says which runs it holds, the one that was written last at the end', async () => {
  const own = fileStore(join(folder, 'listed'))
  assert.equal(await own.runs(), [])
  for (const run of ['a-1', 'Ab_C', 'ab_c']) {
    await own.compareAndSet(run, undefined, Uint8Array.of(1))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.equal(await own.runs(), ['a-1', 'Ab_C', 'ab_c'])
  const head = await own.head('a-1')
  await own.compareAndSet('a-1', head!.revision, Uint8Array.of(2))
  await own.delete('Ab_C')
  assert.equal(await own.runs(), ['ab_c', 'a-1'])
})

files.run()

process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
