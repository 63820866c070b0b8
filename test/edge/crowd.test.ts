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
  'takes the place of a piece that stalls while it is analysed, where others wait',
  async () => {
    const limits = { bodyBytes: 0, stallMs: 60, pieceMs: 500 }
    const fetch = edge(memoryStore(), { limits }, plain)
    const slow = stalled(walk.subarray(0, 10_000))
    const first = fetch(piece('a', 0, slow.body))
    await wait(20)
    const began = performance.now()
    assert.is((await post(fetch, 'b', 0, walk)).text, whole)
    assert.ok(performance.now() - began < 450)
    const busy = await answered(await first)
    assert.equal(refusal(busy), [503, 'E_BUSY'])
    assert.is(busy.headers.get('Retry-After'), '1')
    assert.ok(slow.isCancelled())
    assert.is((await post(fetch, 'a', 0, walk)).text, whole)
    // Nobody waits for its place: it may take the time that a piece may take.
    const alone = await answered(await fetch(piece('c', 0, stalled(walk.subarray(0, 99)).body)))
    assert.equal(refusal(alone), [408, 'E_SLOW'])
  }
)

crowd('holds no more of bodies than it has memory for', async () => {
  const fetch = edge(memoryStore(), { limits: { bodyBytes: 2 * MiB, pieceMs: 400 } }, plain)
  let taken = 0
  const endless = () =>
    new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (taken > 60 * MiB) return
        await wait(1)
        taken += 2 ** 16
        controller.enqueue(new Uint8Array(2 ** 16))
      },
    })
  const begun = frame('delta', { step: 1, data: [new Uint8Array(0)] }).slice(0, -2)
  // Frames that go on for 16 MiB.
  const head = Buffer.concat([openFrame(), begun, Uint8Array.of(0xc6, 1, 0, 0, 0)])
  const bodies = Array.from({ length: 30 }, () => {
    const rest = endless().getReader()
    return new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(head)),
      async pull(controller) {
        controller.enqueue((await rest.read()).value!)
      },
    })
  })
  const all = Promise.all(
    bodies.map(async (body, i) => (await fetch(piece(`a${i}`, 0, body))).status)
  )
  await wait(150)
  // One at work goes on taking; of the others each has one part more than there is memory for.
  const most = 2 * MiB + 30 * 3 * 2 ** 16 + 150 * 2 ** 16
  assert.ok(taken < most, `${taken} bytes were taken`)
  await all
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
    slots.use(client, goesOn, async (slot) => {
      order.push(name)
      assert.is(slot.isWanted, order.length < 6)
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
  await slots.use('y', false, async (slot) => assert.not(slot.isWanted))
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
