import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeHead, type Head, journalBytes } from '../../src/edge/head.ts'
import { Slots } from '../../src/edge/slots.ts'
import type { Store } from '../../src/edge/store.ts'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import { delta, frame, openFrame, stream } from '../support/stream.ts'
import {
  type Answered,
  answered,
  codeOf,
  counted,
  cut,
  edge,
  engineLines,
  type Fetch,
  origin,
  piece,
  post,
} from './support.ts'

const crowd = suite('a handler in a crowd')

const MiB = 2 ** 20
const plain = { block: 4 }
const walk = stream({ steps: 30, rows: 300 })
const whole = `${engineLines(walk, plain).join('\n')}\n`
const refusal = (answer: Answered) => [answer.status, codeOf(answer)]

/** A body that gives these bytes and then waits. */
function stalled(bytes: Uint8Array) {
  let close = () => {}
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes.slice())
      close = () => controller.close()
    },
    cancel() {
      cancelled = true
    },
  })
  return { body, close: () => close(), isCancelled: () => cancelled }
}

crowd('serves other runs, and the same one, while a piece stalls', async () => {
  const fetch = edge(memoryStore(), {}, plain)
  const slow = stalled(walk.subarray(0, 10))
  const first = fetch(piece('a', 0, slow.body))
  await wait(20)
  assert.is((await post(fetch, 'b', 0, walk)).text, whole)
  // Its own client has given it up, and posts it again.
  assert.is((await post(fetch, 'a', 0, walk)).text, whole)
  slow.close()
  const late = await answered(await first)
  assert.is(late.text, whole, 'a piece that comes again is answered as before')
})

crowd(
  'takes the memory of a piece that stalls as it is analysed, where others need it',
  async () => {
    const limits = { bodyBytes: 0, pieceMs: 500 }
    const fetch = edge(memoryStore(), { limits }, { ...plain, memory: { max: MiB } })
    const slow = stalled(walk.subarray(0, 10_000))
    const first = fetch(piece('a', 0, slow.body))
    await wait(20)
    const began = performance.now()
    for (const run of ['b', 'c', 'd', 'e']) {
      assert.is((await post(fetch, run, 0, walk.subarray(0, 20_000))).status, 200)
    }
    assert.ok(performance.now() - began < 450)
    const busy = await answered(await first)
    assert.equal(refusal(busy), [503, 'E_BUSY'])
    assert.is(busy.headers.get('Retry-After'), '1')
    assert.ok(slow.isCancelled())
    assert.is((await post(fetch, 'a', 0, walk)).text, whole)
    // Nobody needs its memory: it may take the time that a piece may take.
    const alone = await answered(await fetch(piece('f', 0, stalled(walk.subarray(0, 99)).body)))
    assert.equal(refusal(alone), [408, 'E_SLOW'])
  }
)

crowd('slows down who sends nothing of use, while others are here', async () => {
  const fetch = edge(memoryStore(), {}, plain)
  const bad = () => post(fetch, 'bad', 0, Buffer.from('Epoch 1\n'), { Authorization: 'bad' })
  const timed = async (work: () => Promise<unknown>) => {
    const began = performance.now()
    await work()
    return performance.now() - began
  }
  // Alone nobody waits, however often.
  const alone = await timed(async () => {
    for (let i = 0; i < 14; i++) await bad()
  })
  assert.ok(alone < 1000, `${alone} ms`)
  const good = { Authorization: 'good' }
  assert.is((await post(fetch, 'good', 0, walk, good)).text, whole)
  assert.ok((await timed(bad)) > 100)
  assert.ok((await timed(() => post(fetch, 'more', 0, walk, good))) < 1000)
})

/** Bytes of memory outside the heap that a piece of work takes at most, as seen by samples. */
async function buffersOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }, 5)
  await work()
  clearInterval(timer)
  return most
}

crowd('holds no more of bodies and of frames than it has memory for', async () => {
  const limits = { bodyBytes: 2 * MiB, pieceMs: 1000 }
  const fetch = edge(memoryStore(), { limits }, { ...plain, memory: { max: MiB } })
  // A frame that goes on for 16 MiB, from 30 clients at once.
  const begun = frame('delta', { step: 1, data: [new Uint8Array(0)] }).slice(0, -2)
  const head = Buffer.concat([openFrame(), begun, Uint8Array.of(0xc6, 1, 0, 0, 0)])
  const part = new Uint8Array(2 ** 16)
  const body = () => {
    let left = 200
    return new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(head)),
      async pull(controller) {
        await wait(2)
        if (left-- === 0) controller.close()
        else controller.enqueue(part)
      },
    })
  }
  const most = await buffersOf(() =>
    Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const { status } = await fetch(piece(`a${i}`, 0, body()))
        assert.ok([200, 408, 503].includes(status), String(status))
      })
    )
  )
  // All that was sent are 390 MiB; a frame is gathered in a buffer that doubles, and old ones wait to be collected.
  assert.ok(most < 120 * MiB, `${(most / MiB).toFixed(0)} MiB`)
})

crowd('lets each client in turn, and runs that go on before those that begin', async () => {
  const slots = new Slots(1)
  const order: string[] = []
  let release = () => {}
  const first = slots.use('x', true, () => new Promise<void>((resolve) => (release = resolve)))
  const later = (
    [
      ['greedy', true, 'greedy 1'],
      ['greedy', true, 'greedy 2'],
      ['greedy', true, 'greedy 3'],
      ['new', false, 'new begins'],
      ['x', true, 'x again'],
      ['honest', true, 'honest'],
    ] as const
  ).map(([client, goesOn, name]) =>
    slots.use(client, goesOn, () => {
      order.push(name)
    })
  )
  await wait(1)
  release()
  await Promise.all([first, ...later])
  assert.equal(order, ['greedy 1', 'honest', 'x again', 'greedy 2', 'greedy 3', 'new begins'])
  // A failure gives the place back.
  await slots
    .use('x', true, () => Promise.reject(new Error('no')))
    .then(
      () => assert.unreachable(),
      () => {}
    )
  assert.is(await slots.use('y', false, () => 7), 7)
  await slots.use('y', false, () => wait(30))
  assert.ok(slots.spent('y') >= 29)
  assert.is(slots.spent('nobody'), 0)
})

/** Stalls so many requests of a client. */
function stall(fetch: Fetch, count: number, headers: (i: number) => Record<string, string>) {
  const bodies = Array.from({ length: count }, () => stalled(walk.subarray(0, 10)))
  const answers = bodies.map(({ body }, i) => fetch(piece(`s${i}`, 0, body, headers(i))))
  return async () => {
    for (const { close } of bodies) close()
    await Promise.all(answers)
  }
}

crowd('counts what a client has open by its credential, by its run, or as it is told', async () => {
  const limits = { clientRequests: 3, clientListeners: 2, listeners: 5 }
  const bearer = (name: string) => ({ Authorization: `Bearer ${name}` })
  for (const [authorize, of] of [
    [() => true, () => bearer('one')],
    [() => 'everybody', (i: number) => bearer(`${i}`)],
  ] as const) {
    const fetch = edge(memoryStore(), { limits, authorize }, plain)
    const finish = stall(fetch, 3, of)
    await wait(10)
    const fourth = await post(fetch, 'a', 0, walk, of(3))
    assert.equal(refusal(fourth), [503, 'E_BUSY'])
    await finish()
    assert.is((await post(fetch, 'a', 0, walk, of(3))).status, 200)
  }
  const fetch = edge(memoryStore(), { limits }, plain)
  const finish = stall(fetch, 3, () => bearer('one'))
  await wait(10)
  assert.is((await post(fetch, 'a', 0, walk, bearer('two'))).status, 200)
  assert.is((await post(fetch, 'b', 0, walk)).status, 200)
  await finish()
  // Without a credential each run is one.
  const runs = stall(fetch, 8, () => ({}))
  await wait(10)
  assert.is((await post(fetch, 'c', 0, walk)).status, 200)
  await runs()

  const listen = (name: string) =>
    fetch(new Request(`${origin}/runs/a/events`, { headers: bearer(name) }))
  const [first] = [await listen('one'), await listen('one')]
  assert.equal(refusal(await answered(await listen('one'))), [503, 'E_BUSY'])
  assert.is((await listen('two')).status, 200)
  await first!.body!.cancel()
  assert.is((await listen('one')).status, 200)
  const refusals = [await listen('three'), await listen('three'), await listen('four')]
  assert.equal(
    refusals.map(({ status }) => status),
    [200, 200, 503]
  )
})

crowd('is not entered by a credential that is no name', async () => {
  for (const allowed of ['', 1, {}, undefined, null]) {
    const fetch = edge(memoryStore(), { authorize: () => allowed as never }, plain)
    assert.equal(refusal(await post(fetch, 'a', 0, walk)), [401, 'E_CREDENTIAL'])
  }
})

crowd('keeps small runs in memory together, and large ones as they fit', async () => {
  const pieces = cut(walk, [10_000, 20_000, 30_000])
  const loads = async (json: object): Promise<number> => {
    const store = counted(memoryStore())
    const fetch = edge(store, {}, json)
    let chunks = 0
    const watched: Store = store
    const { getChunk } = watched
    watched.getChunk = (...call) => {
      chunks++
      return getChunk(...call)
    }
    const texts = ['', '', '', '']
    for (const [n, bytes] of pieces.entries()) {
      for (const r of texts.keys()) texts[r] += (await post(fetch, `r${r}`, n, bytes)).text
    }
    for (const text of texts) assert.is(text, whole)
    return chunks
  }
  assert.is(await loads(plain), 0)
  assert.ok((await loads({ ...plain, memory: { max: MiB } })) > 0)
})

crowd('gives up no run for one that is refused', async () => {
  const store = counted(memoryStore())
  const fetch = edge(store, {}, { ...plain, memory: { max: MiB } })
  const pieces = cut(walk, [10_000])
  await post(fetch, 'honest', 0, pieces[0]!)
  const large = frame('open', {
    version: 1,
    run: 'r',
    tensors: [{ name: 'w', shape: [2 ** 40], dtype: 'f32' }],
  })
  for (const [i, bad] of [large, Buffer.from('hello\n'), frame('open', { version: 2 })].entries()) {
    assert.is((await post(fetch, `h${i}`, 0, bad)).status, 422)
  }
  const before = store.out
  const { status } = await post(fetch, 'honest', 1, pieces[1]!)
  assert.is(status, 200)
  // Its head alone was read: the run is still in memory.
  assert.ok(store.out - before < 4000, `${store.out - before} bytes were read`)
})

/** A store whose chunks can be seen. */
function seen(): Store & { readonly names: Set<string> } {
  const store = memoryStore()
  const names = new Set<string>()
  return {
    ...store,
    names,
    putChunk(run, name, bytes) {
      names.add(name)
      return store.putChunk(run, name, bytes)
    },
    async delete(run, gone) {
      for (const name of gone ?? [...names]) names.delete(name)
      return store.delete(run, gone)
    },
  }
}

crowd('leaves nothing of a piece that has failed', async () => {
  const flood = Array.from({ length: 200 }, (_, i) =>
    frame('metrics', { step: i, metrics: { loss: Number.NaN } })
  )
  const tooMany = Buffer.concat([openFrame(), ...flood])
  const large = stream({ steps: 700, rows: 900 })
  const cases: [string, object, Uint8Array | ReadableStream<Uint8Array>, number][] = [
    ['too many summaries', { answerBytes: 2000 }, tooMany, 413],
    ['too long a run', { runBytes: 1.5 * MiB }, large, 413],
    ['too slow', { bodyBytes: 0, pieceMs: 50 }, stalled(large.subarray(0, 1.5 * MiB)).body, 408],
  ]
  for (const [what, limits, body, status] of cases) {
    const store = seen()
    const fetch = edge(store, { limits }, plain)
    assert.is((await post(fetch, 'a', 0, body)).status, status, what)
    assert.equal([...store.names], [], what)
  }
})

crowd('adds up what new instances read again, and writes state in time', async () => {
  const store = memoryStore()
  const steps = [openFrame(), ...Array.from({ length: 40 }, (_, i) => delta(i + 1, 0, 300, 0.1))]
  const stateBytes = 16_000
  let before: Head | undefined
  let states = 0
  for (const [n, bytes] of steps.entries()) {
    const { status } = await post(edge(store, { limits: { stateBytes } }, plain), 'a', n, bytes)
    assert.is(status, 200)
    const head = decodeHead('a', (await store.head('a'))!.bytes)
    // Every instance is new: it reads the whole journal again.
    const replayed = before ? before.replayed + journalBytes(before) : 0
    const again = replayed + (before ? journalBytes(before) : 0) + bytes.length
    if (n > 0 && again >= stateBytes) {
      states++
      assert.equal([head.replayed, journalBytes(head)], [0, 0], `piece ${n}`)
    } else {
      assert.equal([head.replayed, journalBytes(head)], [replayed, again - replayed], `piece ${n}`)
    }
    before = head
  }
  assert.ok(states >= 8, `${states} states`)
})

crowd.run()
