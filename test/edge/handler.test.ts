import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { handler } from '../../src/edge/handler.ts'
import type { Store } from '../../src/edge/store.ts'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import { ThalwegError } from '../../src/error.ts'
import { delta, frame, openFrame, stream } from '../support/stream.ts'
import {
  answered,
  ask,
  codeOf,
  cut,
  edge,
  engineLines,
  origin,
  piece,
  post,
  stages,
} from './support.ts'

const edgeHandler = suite('the handler')

const plain = { block: 2, emit: { every: 1 } }
const steps = [openFrame(), ...Array.from({ length: 40 }, (_, i) => delta(i + 1, 0, 300, i))]
const walk = stream({ steps: 30, rows: 300 })

edgeHandler('answers a piece that comes again as before and does not apply it twice', async () => {
  const store = memoryStore()
  const fetch = edge(store, {}, plain)
  const first = []
  for (const [n, bytes] of steps.entries()) first.push(await post(fetch, 'a', n, bytes))
  assert.is(first[2]!.text.split('\n').length > 2, true)
  for (let n = steps.length - 16; n < steps.length; n++) {
    for (const again of [fetch, edge(store, {}, plain)]) {
      const { status, text, expected } = await post(again, 'a', n, steps[n]!)
      assert.equal([status, text, expected], [200, first[n]!.text, '41'])
    }
  }
  const older = await post(fetch, 'a', 24, steps[24]!)
  assert.equal([older.status, older.text, older.expected], [200, '', '41'])
  const last = await post(fetch, 'a', 41, delta(41, 0, 300, 1))
  assert.is(last.status, 200)
})

edgeHandler('refuses a gap and says what it expects', async () => {
  const fetch = edge(memoryStore(), {}, plain)
  const early = await post(fetch, 'a', 1, steps[0]!)
  assert.equal([early.status, early.expected, codeOf(early)], [409, '0', 'E_GAP'])
  await post(fetch, 'a', 0, steps[0]!)
  const gap = await post(fetch, 'a', 2, steps[2]!)
  assert.equal([gap.status, gap.expected, codeOf(gap)], [409, '1', 'E_GAP'])
})

edgeHandler('lets two pieces at once follow one another', async () => {
  const fetch = edge(memoryStore(), {}, plain)
  const answers = await Promise.all(steps.slice(0, 8).map((bytes, n) => post(fetch, 'a', n, bytes)))
  assert.equal(
    answers.map(({ status }) => status),
    Array(8).fill(200)
  )
  const many = await Promise.all(steps.slice(8).map((bytes, n) => post(fetch, 'a', n + 8, bytes)))
  assert.ok(many.some(({ status }) => status === 503))
})

edgeHandler('refuses the second of two instances that take the same piece', async () => {
  const store = memoryStore()
  const racing: Store = {
    ...store,
    // Both have read the head before either writes it.
    async compareAndSet(...call) {
      await wait(20)
      return store.compareAndSet(...call)
    },
  }
  const both = [edge(racing, {}, plain), edge(racing, {}, plain)]
  for (const [n, bytes] of steps.slice(0, 6).entries()) {
    const answers = await Promise.all(both.map((fetch) => post(fetch, 'a', n, bytes)))
    assert.equal(answers.map(({ status }) => status).sort(), [200, 503])
    const refused = answers.findIndex(({ status }) => status === 503)
    assert.is(codeOf(answers[refused]!), 'E_CONFLICT')
    assert.is(answers[refused]!.headers.get('Retry-After'), '1')
    const again = await post(both[refused]!, 'a', n, bytes)
    assert.is(again.text, answers[1 - refused]!.text)
  }
})

edgeHandler('refuses a first piece whose run another instance has begun and deleted', async () => {
  const store = memoryStore()
  const long = stream({ steps: 40, rows: 20_000 })
  let finish = () => {}
  const slow = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(long.slice(0, 2_200_000))
      finish = () => controller.close()
    },
  })
  // Without memory for what has come the piece is journalled as it comes.
  const first = edge(store, { limits: { bodyBytes: 0 } }, plain)(piece('a', 0, slow))
  await wait(50)
  const other = edge(store, {}, plain)
  assert.is((await post(other, 'a', 0, walk)).status, 200)
  assert.is((await ask(other, '/runs/a', 'DELETE')).status, 200)
  finish()
  const refused = await answered(await first)
  assert.equal([refused.status, codeOf(refused)], [503, 'E_CONFLICT'])
  assert.is((await ask(other, '/runs/a')).status, 404)
  const again = await post(other, 'a', 0, long)
  assert.equal(again.text.trimEnd().split('\n'), engineLines(long, plain))
})

edgeHandler('begins a run under another pipeline when its first piece had failed', async () => {
  const store = memoryStore()
  const refused = await post(edge(store, { limits: { runBytes: 100 } }), 'a', 0, walk)
  assert.equal([refused.status, codeOf(refused)], [413, 'E_RUN_SIZE'])
  const fetch = () => edge(store, {}, plain)
  const [first, second] = cut(walk, [9000])
  const texts = [await post(fetch(), 'a', 0, first!), await post(fetch(), 'a', 1, second!)]
  assert.equal(
    texts.flatMap(({ text }) => text.trimEnd().split('\n')),
    engineLines(walk, plain)
  )
})

edgeHandler('tells the newest summaries, and what it expects', async () => {
  const store = memoryStore()
  const fetch = edge(store, {}, plain)
  await post(fetch, 'a', 0, walk.subarray(0, 20_000))
  const { status, text, expected, headers } = await ask(fetch, '/runs/a')
  assert.equal([status, expected], [200, '1'])
  assert.is(headers.get('Content-Type'), 'application/x-ndjson')
  const lines = text.trimEnd().split('\n')
  const types = lines.map((line) => (JSON.parse(line) as { type: string }).type)
  assert.equal(types, ['health', 'metrics'])
  await post(edge(store, {}, plain), 'a', 1, walk.subarray(20_000))
  const last = (await ask(fetch, '/runs/a')).text.trimEnd().split('\n')
  const whole = engineLines(walk, plain)
  const newest = (type: string) => whole.filter((line) => line.includes(`"type":"${type}"`)).at(-1)
  assert.equal(last, ['health', 'metrics', 'run'].map(newest))
})

edgeHandler('holds as many runs in memory as it is told, and serves all', async () => {
  const pieces = cut(walk, [10_000, 20_000, 30_000])
  for (const runs of [1, 2]) {
    const fetch = edge(memoryStore(), { limits: { runs } }, plain)
    const texts = ['', '', '']
    for (const [n, bytes] of pieces.entries()) {
      for (const [r, run] of ['a', 'b', 'c'].entries()) {
        texts[r] += (await post(fetch, run, n, bytes)).text
      }
    }
    for (const text of texts) assert.equal(text.trimEnd().split('\n'), engineLines(walk, plain))
  }
})

edgeHandler('does not touch the store without a valid credential', async () => {
  let touched = 0
  const watched = new Proxy(memoryStore(), {
    get(target, name) {
      touched++
      return Reflect.get(target, name)
    },
  })
  const seen: string[] = []
  const authorize = async (request: Request, run: string) => {
    seen.push(run)
    return request.headers.get('Authorization') === `Bearer for ${run}`
  }
  const fetch = edge(watched, { authorize }, plain)
  touched = 0
  for (const [path, method] of [
    ['/runs/a', 'GET'],
    ['/runs/a/events', 'GET'],
    ['/runs/a', 'DELETE'],
  ] as const) {
    const refused = await ask(fetch, path, method, { Authorization: 'Bearer for b' })
    assert.equal([refused.status, codeOf(refused)], [401, 'E_CREDENTIAL'])
  }
  assert.is((await post(fetch, 'a', 0, walk)).status, 401)
  assert.is(touched, 0)
  assert.equal(seen, ['a', 'a', 'a', 'a'])
  const headers = { Authorization: 'Bearer for a' }
  assert.is((await post(fetch, 'a', 0, walk, headers)).status, 200)
  const failing = edge(
    watched,
    { authorize: () => Promise.reject(new Error('no directory')) },
    plain
  )
  const failed = await post(failing, 'a', 0, walk)
  assert.is(failed.status, 500)
  assert.not.match(failed.text, /directory/)
})

edgeHandler('tells browsers nothing about other origins unless it is told to', async () => {
  const fetch = edge(memoryStore(), {}, plain)
  const Origin = 'https://page.test'
  const asking = { Origin, 'Access-Control-Request-Method': 'POST' }
  const asked = await ask(fetch, '/runs/a/frames', 'OPTIONS', asking)
  assert.equal([asked.status, codeOf(asked)], [405, 'E_METHOD'])
  const taken = await post(fetch, 'a', 0, walk, { Origin })
  for (const { headers } of [asked, taken]) {
    assert.is(headers.get('Access-Control-Allow-Origin'), null)
    assert.is(headers.get('Vary'), null)
  }
})

edgeHandler('lets pages of the origins that it is told, and no others, post and read', async () => {
  const authorize = ({ headers }: Request) => headers.get('Authorization') === 'Bearer mine'
  const known = 'https://page.test'
  const fetch = edge(memoryStore(), { authorize, origins: [known, 'http://localhost:8080'] }, plain)
  const from = (Origin: string) => ({
    Origin,
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'authorization,content-type,thalweg-sequence',
  })
  const asked = await ask(fetch, '/runs/a/frames', 'OPTIONS', from(known))
  assert.is(asked.status, 204)
  assert.is(asked.headers.get('Access-Control-Allow-Origin'), known)
  assert.is(asked.headers.get('Access-Control-Allow-Methods'), 'GET, POST, DELETE')
  assert.match(asked.headers.get('Access-Control-Allow-Headers')!, 'thalweg-sequence')

  const stranger = await ask(fetch, '/runs/a/frames', 'OPTIONS', from('https://other.test'))
  assert.is(stranger.status, 405)
  const refused = await post(fetch, 'a', 0, walk, { Origin: known })
  assert.is(refused.status, 401)
  const Authorization = 'Bearer mine'
  const taken = await post(fetch, 'a', 0, walk, { Origin: known, Authorization })
  assert.is(taken.status, 200)
  for (const { headers } of [refused, taken]) {
    assert.is(headers.get('Access-Control-Allow-Origin'), known)
    assert.match(headers.get('Access-Control-Expose-Headers')!, 'Thalweg-Expected')
  }
  const others = await ask(fetch, '/runs/a', 'GET', { Origin: 'https://other.test', Authorization })
  assert.is(others.headers.get('Access-Control-Allow-Origin'), null)
  for (const { headers } of [asked, stranger, refused, taken, others]) {
    assert.is(headers.get('Vary'), 'Origin')
    assert.is(headers.get('Access-Control-Allow-Credentials'), null)
  }
})

edgeHandler('is not built without saying who is let in, nor with a wrong pipeline', () => {
  const store = memoryStore()
  const built = (json: object, more: object) => {
    try {
      handler(json, { stages, store, ...more } as never)
      return undefined
    } catch (error) {
      assert.instance(error, ThalwegError)
      return (error as ThalwegError).message
    }
  }
  const authorize = () => true
  assert.match(built(plain, {})!, /"authorize" is missing/)
  assert.match(built({ blok: 4 }, { authorize })!, /Did you mean "block"/)
  assert.match(built({ source: { type: 'stdin' } }, { authorize })!, /source/)
  assert.match(
    built({ stages: [{ type: 'svd' }] }, { authorize, stages: [] })!,
    /unknown type "svd"/
  )
  assert.match(built(plain, { authorize, limits: { pieces: 3 } })!, /unknown key "pieces"/)
  for (const origin of ['https://*.example.com', '*.example.com', 'https://*', '**']) {
    assert.match(built(plain, { authorize, origins: [origin] })!, /holds a wildcard/)
  }
  for (const origin of ['example.com', 'https://example.com/', 'https://example.com/a', 'null']) {
    assert.match(built(plain, { authorize, origins: [origin] })!, /is no origin/)
  }
  assert.is(built(plain, { authorize, origins: ['*'] }), undefined)
})

interface Event {
  readonly id?: string
  readonly event?: string
  readonly data?: string
}

/** Reads server-sent events until `count` have come, or the end. */
async function eventsOf(response: Response, count: number): Promise<Event[]> {
  const found: Event[] = []
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  for (let text = ''; found.length < count; ) {
    const { done, value } = await reader.read()
    if (done) break
    text += value
    const parts = text.split('\n\n')
    text = parts.pop()!
    for (const part of parts) {
      if (part.startsWith(':')) continue
      found.push(
        Object.fromEntries(part.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)))
      )
    }
  }
  await reader.cancel()
  return found
}

edgeHandler(
  'forgets the newest summaries of a run when the next one of its stream begins',
  async () => {
    const [opening, ...deltas] = steps.slice(0, 6)
    const figures = frame('metrics', { step: 5, metrics: { loss: 1 } })
    const one = [opening!, figures, frame('close', { frames: 1 })]
    const pieces = [Buffer.concat(one), opening!, Buffer.concat(deltas)]
    const limits = { stateBytes: 1 }
    const store = memoryStore()
    const warm = edge(memoryStore(), { limits }, plain)
    const told: string[] = []
    for (const [n, bytes] of pieces.entries()) {
      await post(warm, 'a', n, bytes)
      await post(edge(store, { limits }, plain), 'a', n, bytes)
      told.push((await ask(warm, '/runs/a')).text)
      assert.is((await ask(edge(store), '/runs/a')).text, told[n])
    }
    assert.match(told[0]!, /"end":"closed"/)
    assert.is(told[1], '')
    assert.match(told[2]!, /"stage":"health"/)
    assert.not.match(told[2]!, /"end":"closed"/)
  }
)

edgeHandler('streams what comes as events, and goes on where a reader left', async () => {
  const store = memoryStore()
  const fetch = edge(store, {}, plain)
  const listen = (id?: string) =>
    fetch(new Request(`${origin}/runs/a/events`, { headers: id ? { 'Last-Event-ID': id } : {} }))
  assert.is((await listen()).status, 404)
  await post(fetch, 'a', 0, walk.subarray(0, 10_000))
  const response = await listen()
  assert.is(response.headers.get('Content-Type'), 'text/event-stream')
  const reading = eventsOf(response, 6)
  const second = await post(fetch, 'a', 1, walk.subarray(10_000, 16_000))
  const events = await reading
  assert.equal(
    events.map(({ id }) => id),
    [undefined, '0', undefined, undefined, undefined, '1']
  )
  const lines = (from: Event[]) => from.map(({ data }) => data)
  assert.equal(lines(events.slice(2)), second.text.trimEnd().split('\n'))
  // Another instance, and a reader that has seen piece 0.
  assert.equal(await eventsOf(await listen('0'), 4), events.slice(2))
  // An id that this run has not given comes of one that was deleted.
  assert.equal(await eventsOf(await listen('7'), 2), await eventsOf(await listen(), 2))
  const ending = eventsOf(await listen('1'), 99)
  await ask(fetch, '/runs/a', 'DELETE')
  assert.equal((await ending).at(-1), { event: 'end', data: '{}' })
})

edgeHandler('ends the events of a run that was deleted and begun anew elsewhere', async () => {
  const store = memoryStore()
  const [fetch, other] = [edge(store, {}, plain), edge(store, {}, plain)]
  for (const [n, bytes] of steps.slice(0, 4).entries()) await post(fetch, 'a', n, bytes)
  const events = eventsOf(await fetch(new Request(`${origin}/runs/a/events`)), 99)
  await ask(other, '/runs/a', 'DELETE')
  await post(other, 'a', 0, walk)
  assert.equal((await events).at(-1), { event: 'end', data: '{}' })
})

edgeHandler('tells a reader of events that a run has failed, and then to stay away', async () => {
  const fetch = edge(memoryStore(), {}, plain)
  const listen = (id?: string) =>
    fetch(new Request(`${origin}/runs/a/events`, { headers: id ? { 'Last-Event-ID': id } : {} }))
  await post(fetch, 'a', 0, Buffer.concat([openFrame(), Buffer.from('epoch 1 done\n')]))
  const events = await eventsOf(await listen(), 99)
  assert.match(events.at(-2)!.data!, /run\/failed/)
  assert.equal(events.at(-1), { id: '0', event: 'end', data: '{}' })
  assert.is((await listen('0')).status, 204)
})

edgeHandler('serves as many readers of events as it is told', async () => {
  const fetch = edge(memoryStore(), { limits: { listeners: 2 } }, plain)
  await post(fetch, 'a', 0, walk)
  const listen = () => fetch(new Request(`${origin}/runs/a/events`))
  const [first] = [await listen(), await listen()]
  const refused = await answered(await listen())
  assert.equal([refused.status, codeOf(refused)], [503, 'E_BUSY'])
  await first!.body!.cancel()
  const third = await listen()
  assert.is(third.status, 200)
})

edgeHandler('refuses a pipeline with a key that it stands for itself', () => {
  for (const key of ['source', 'sinks', 'checkpoint', 'threads']) {
    assert.throws(
      () => edge(memoryStore(), {}, { ...plain, [key]: {} }),
      ({ message, code }: ThalwegError) =>
        code === 'E_CONFIG' && message.startsWith(`handler: "${key}" has no place in the pipeline`)
    )
  }
})

edgeHandler.run()
