import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import { random } from '../engine/frames.ts'
import { frame, openFrame, stream } from '../support/stream.ts'
import {
  type Answered,
  answered,
  ask,
  codeOf,
  counted,
  cut,
  edge,
  engineLines,
  origin,
  piece,
  post,
} from './support.ts'

const hostile = suite('the handler, pressed hard,')

const MiB = 2 ** 20
const plain = { block: 4 }
const walk = stream({ steps: 30, rows: 300 })

const refusal = (answer: Answered) => [answer.status, codeOf(answer)]

/** Bytes of memory outside the heap that a piece of work takes at most, as seen by samples. */
async function memoryOf(work: () => Promise<unknown>): Promise<number> {
  const used = () => {
    const { external, arrayBuffers, heapUsed } = process.memoryUsage()
    return external + arrayBuffers + heapUsed
  }
  const before = used()
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, used() - before)
  }, 1)
  await work()
  clearInterval(timer)
  return Math.max(most, used() - before)
}

hostile('finds only its own paths, and no run by a trick', async () => {
  const store = counted(memoryStore())
  const fetch = edge(store, {}, plain)
  for (const [path, status, code] of [
    ['/', 404, 'E_ROUTE'],
    ['/runs', 404, 'E_ROUTE'],
    ['/runs/', 400, 'E_RUN_ID'],
    ['/runs/a/', 404, 'E_ROUTE'],
    ['/runs/a/b/frames', 404, 'E_ROUTE'],
    ['/runs/a/frames/', 404, 'E_ROUTE'],
    ['//runs/a', 404, 'E_ROUTE'],
    ['/RUNS/a', 404, 'E_ROUTE'],
    ['/runs/../runs/..', 404, 'E_ROUTE'],
    ['/runs/%2e%2e', 404, 'E_ROUTE'],
    ['/runs/..%2f..%2fetc', 400, 'E_RUN_ID'],
    ['/runs/a%00', 400, 'E_RUN_ID'],
    ['/runs/a%2Fhead', 400, 'E_RUN_ID'],
    ['/runs/a.b', 400, 'E_RUN_ID'],
    ['/runs/%61', 400, 'E_RUN_ID'],
    ['/runs/ä', 400, 'E_RUN_ID'],
    [`/runs/${'a'.repeat(65)}`, 400, 'E_RUN_ID'],
    ['/runs/a?run=b', 404, 'E_NO_RUN'],
    ['/runs/__proto__', 404, 'E_NO_RUN'],
    [`/runs/${'a'.repeat(64)}`, 404, 'E_NO_RUN'],
  ] as const) {
    assert.equal(refusal(await ask(fetch, path)), [status, code], path)
  }
  for (const [path, method, allow] of [
    ['/runs/a', 'POST', 'GET, DELETE'],
    ['/runs/a/frames', 'GET', 'POST'],
    ['/runs/a/events', 'DELETE', 'GET'],
    ['/runs/a', 'OPTIONS', 'GET, DELETE'],
    ['/runs/a', 'constructor', 'GET, DELETE'],
  ] as const) {
    const refused = await ask(fetch, path, method)
    assert.equal(refusal(refused), [405, 'E_METHOD'])
    assert.is(refused.headers.get('Allow'), allow)
  }
  assert.is(store.in, 0)
  assert.is((await post(fetch, '__proto__', 0, walk)).status, 200)
  assert.is((await post(fetch, 'constructor', 0, walk)).status, 200)
})

hostile('takes nothing but numbered pieces of frames', async () => {
  const store = counted(memoryStore())
  const fetch = edge(store, {}, plain)
  for (const type of ['', 'application/json', 'application/x-thalweg2', 'multipart/form-data']) {
    const refused = await post(fetch, 'a', 0, walk, { 'Content-Type': type })
    assert.equal(refusal(refused), [415, 'E_CONTENT_TYPE'], type)
  }
  const zipped = await post(fetch, 'a', 0, walk, { 'Content-Encoding': 'gzip' })
  assert.equal(refusal(zipped), [415, 'E_CONTENT_TYPE'])
  for (const n of ['', '-1', '1.0', '1e3', '0x1', '00', '+1', 'NaN', '9'.repeat(16), '0, 0']) {
    assert.equal(refusal(await post(fetch, 'a', n, walk)), [400, 'E_SEQUENCE'], n)
  }
  assert.is(store.in, 0)
  const type = { 'Content-Type': 'Application/X-Thalweg; charset=binary' }
  assert.is((await post(fetch, 'a', 0, walk, type)).status, 200)
})

const u32 = (value: number) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]
const huge = u32(0xffffffff)
/** A delta whose payload is what these bytes begin. */
const payload = (...bytes: number[]): Uint8Array => {
  const whole = frame('delta', { step: 1, data: [0] })
  return Buffer.concat([whole.subarray(0, whole.length - 1), Uint8Array.from(bytes)])
}

hostile('ends at lengths and depths that no frame has, with memory flat', async () => {
  const cases: Record<string, Uint8Array> = {
    'bin of 4 GiB': payload(0xc6, ...huge),
    'array of 4 Gi': payload(0xdd, ...huge),
    'map of 4 Gi': payload(0xdf, ...huge),
    'string of 4 GiB': payload(0xdb, ...huge),
    'ext of 4 GiB': payload(0xc9, ...huge, 0x74),
    'depth of 100,000': payload(...Array<number>(100_000).fill(0x91)),
    'arrays of 65,535 in each other': payload(
      ...Array.from({ length: 300 }, () => [0xdc, 0xff, 0xff]).flat()
    ),
    'a record definition': payload(0xd4, 0x72, 0x40),
    'a tensor of 4 Gi elements by a range': frame('delta', {
      step: 1,
      data: [{ o: 4_000_000_000, b: new Uint8Array(4) }, null],
    }),
    'a name of 1 MB': frame('open', { version: 1, run: 'x'.repeat(1e6), tensors: [] }),
    text: Buffer.from('Epoch 1/10\n'),
  }
  for (const [what, bytes] of Object.entries(cases)) {
    const store = memoryStore()
    const fetch = edge(store, {}, plain)
    await post(fetch, 'a', 0, openFrame())
    const memory = await memoryOf(async () => {
      const answer = await post(fetch, 'a', 1, bytes)
      assert.is(answer.status, 422, `${what}: ${answer.text}`)
      assert.match(codeOf(answer), /^E_(FRAME|FRAME_SIZE|LIMIT|PAYLOAD|OPEN|STRAY_TEXT)$/, what)
    })
    assert.ok(memory < 16 * MiB, `${what}: ${memory} bytes`)
  }
  const tensors = Array.from({ length: 60_000 }, (_, i) => ({
    name: `t${i}`,
    shape: [2 ** 20, 2 ** 20],
    dtype: 'f32',
  }))
  const wide = frame('open', { version: 1, run: 'r', tensors })
  const refused = await post(edge(memoryStore(), {}, plain), 'a', 0, wide)
  assert.equal(refusal(refused), [422, 'E_LIMIT'])
  const granted = { ...plain, limits: { tensors: 60_000 } }
  const large = await post(edge(memoryStore(), {}, granted), 'a', 0, wide)
  assert.equal(refusal(large), [422, 'E_MEMORY'])
})

hostile('refuses pieces and runs beyond their size, without holding them', async () => {
  const limits = { pieceBytes: 2 * MiB, runBytes: 3 * MiB }
  const store = counted(memoryStore())
  const fetch = edge(store, { limits }, plain)
  const claimed = await post(fetch, 'a', 0, walk, { 'Content-Length': String(2 ** 40) })
  assert.equal(refusal(claimed), [413, 'E_PIECE_SIZE'])
  assert.is(store.in, 0)

  let sent = 0
  const endless = () =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536
        controller.enqueue(new Uint8Array(65_536).fill(0xc0))
      },
    })
  // The beginning of a frame that never ends: nothing of it is wrong but its length.
  const begun = frame('open', { version: 1, run: 'r', tensors: [] })
  const memory = await memoryOf(async () => {
    const body = Buffer.concat([openFrame(), payload(0xc6, ...u32(16 * MiB)), begun])
    const stream = endless()
    const whole = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(new Uint8Array(body))
      },
      async pull(controller) {
        const reader = stream.getReader()
        controller.enqueue((await reader.read()).value!)
        reader.releaseLock()
      },
    })
    const answer = await answered(await fetch(piece('a', 0, whole)))
    assert.equal(refusal(answer), [413, 'E_PIECE_SIZE'])
  })
  // A piece, and as much again that is passed over so that the answer is seen.
  assert.ok(sent < 5 * MiB, `${sent} bytes were taken`)
  assert.ok(memory < 24 * MiB, `${memory} bytes of memory`)
  assert.equal(refusal(await ask(fetch, '/runs/a')), [404, 'E_NO_RUN'])

  const large = stream({ steps: 60, rows: 15_000 })
  const [first, second, third] = cut(large, [1.4 * MiB, 2.8 * MiB].map(Math.floor))
  assert.is((await post(fetch, 'b', 0, first!)).status, 200)
  assert.is((await post(fetch, 'b', 1, second!)).status, 200)
  assert.equal(refusal(await post(fetch, 'b', 2, third!)), [413, 'E_RUN_SIZE'])
  assert.is((await ask(fetch, '/runs/b')).expected, '2')
})

hostile('waits for a slow piece only so long, and forgets what came of it', async () => {
  const fetch = edge(memoryStore(), { limits: { pieceMs: 80 } }, plain)
  let drops = 0
  let cancelled = false
  const drip = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await wait(5)
      controller.enqueue(walk.slice(drops, ++drops))
    },
    cancel() {
      cancelled = true
    },
  })
  const slow = await answered(await fetch(piece('a', 0, drip)))
  assert.equal(refusal(slow), [408, 'E_SLOW'])
  assert.ok(cancelled)
  assert.is((await post(fetch, 'a', 0, walk)).text, `${engineLines(walk, plain).join('\n')}\n`)
})

hostile('refuses a piece that makes too many summaries, and takes it in smaller ones', async () => {
  const loss = Number.NaN
  const flood = Array.from({ length: 2000 }, (_, i) =>
    frame('metrics', { step: i, metrics: { loss } })
  )
  const body = Buffer.concat([openFrame(), ...flood])
  const fetch = edge(memoryStore(), { limits: { answerBytes: 100_000 } }, plain)
  assert.equal(refusal(await post(fetch, 'a', 0, body)), [413, 'E_ANSWER_SIZE'])
  let text = ''
  for (let n = 0, at = 0; at < body.length; n++, at += 8000) {
    const answer = await post(fetch, 'a', n, body.subarray(at, at + 8000))
    assert.is(answer.status, 200)
    text += answer.text
  }
  assert.is(text.split('\n').length, 2001)
})

hostile('lets a run go whose last summaries are too many to be answered', async () => {
  const json = { ...plain, stages: [{ type: 'svd', rank: 2 }] }
  const fetch = edge(memoryStore(), { limits: { answerBytes: 1024 } }, json)
  assert.is((await post(fetch, 'a', 0, walk.subarray(0, 5000))).text, '')
  const { status, text } = await ask(fetch, '/runs/a', 'DELETE')
  assert.equal([status, text], [200, ''])
  assert.equal(refusal(await ask(fetch, '/runs/a')), [404, 'E_NO_RUN'])
})

hostile('gives every piece one place, however pieces are replayed and mixed', async () => {
  const next = random(5)
  const store = memoryStore()
  const pieces: Uint8Array[] = []
  for (let at = 0; at < walk.length; at += 700) pieces.push(walk.subarray(at, at + 700))
  const texts: string[] = []
  for (let expected = 0, tries = 0; expected < pieces.length; tries++) {
    assert.ok(tries < 5000)
    const n = Math.max(0, Math.min(pieces.length - 1, expected + Math.round(next() * 3)))
    const fetch = edge(store, {}, plain)
    const [answer, other] = await Promise.all([
      post(fetch, 'a', n, pieces[n]!),
      post(fetch, 'b', 0, walk),
    ])
    // Both instances' worth of memory is one run: then one of them waits for another try.
    assert.ok([200, 503].includes(other.status))
    if (answer.status === 503) continue
    assert.is(answer.status, n > expected ? 409 : 200)
    if (n < expected) assert.is(answer.text, texts[n])
    if (n === expected) {
      texts.push(answer.text)
      expected++
    }
    assert.is(answer.expected, String(expected))
  }
  assert.is(texts.join(''), `${engineLines(walk, plain).join('\n')}\n`)
})

hostile('behind a real server outlives clients that hang up', async () => {
  const fetch = edge(memoryStore(), { limits: { pieceMs: 2000 } }, plain)
  const server = createServer(async (request, response) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        request.on('data', (chunk: Buffer) => controller.enqueue(new Uint8Array(chunk)))
        request.on('end', () => controller.close())
        request.on('error', (error) => controller.error(error))
      },
    })
    const headers = new Headers(request.headers as Record<string, string>)
    const method = request.method!
    const init = { method, headers, body: method === 'POST' ? body : null, duplex: 'half' }
    const answer = await fetch(new Request(`${origin}${request.url}`, init as RequestInit))
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/runs/a/frames`
  const headers = { 'Content-Type': 'application/x-thalweg', 'Thalweg-Sequence': '0' }
  for (let tries = 0; tries < 5; tries++) {
    const stop = new AbortController()
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (stop.signal.aborted) return controller.close()
        controller.enqueue(walk.slice(0, 5000))
        await wait(5)
        stop.abort()
      },
    })
    const init = { method: 'POST', headers, body, duplex: 'half', signal: stop.signal }
    await globalThis.fetch(url, init as RequestInit).then(
      () => assert.unreachable(),
      () => {}
    )
  }
  const init = { method: 'POST', headers, body: walk } as RequestInit
  const whole = await globalThis.fetch(url, init)
  assert.is(whole.status, 200)
  assert.is(await whole.text(), `${engineLines(walk, plain).join('\n')}\n`)
  server.closeAllConnections()
  server.close()
})

hostile.run()
