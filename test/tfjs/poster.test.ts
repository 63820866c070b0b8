import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import { ThalwegError } from '../../src/error.ts'
import { loadBackend, type TF } from '../../src/node/train/backends.ts'
import { type PosterOptions, poster, tap } from '../../src/tfjs/index.ts'
import { edge, engineLines, type Fetch, failover } from '../edge/support.ts'
import { type Fault, loopback } from '../support/loopback.ts'
import { stream } from '../support/stream.ts'

const test = suite('poster')
let tf: TF

test.before(async () => {
  tf = (await loadBackend('wasm')).tf
})

const pipeline = {
  block: 4,
  emit: { every: 1 },
  stages: [
    { type: 'svd', rank: 3, columns: 6 },
    { type: 'cmd', modes: 2, warmup: 4, samples: 32 },
  ],
}
const plain = { block: 2, emit: { every: 1 } }
const walk = stream({ steps: 40, rows: 300 })
/** Small pieces and short pauses. */
const quick = { pieceBytes: 4000, backoffMs: 1 }

const failing = (status: number, headers = {}) => new Response('no', { status, headers })

/** Posts a made-up stream; gives what was seen at both ends. */
async function posted(
  fetch: Fetch,
  { bytes = walk, faultOf, ...options }: Options = {}
): Promise<Posted> {
  const server = await loopback(fetch, faultOf)
  const lines: string[] = []
  const told: unknown[] = []
  const out = poster(server.url, {
    ...quick,
    onSummaries: (some) => lines.push(...some),
    onError: (error) => told.push(error),
    strict: true,
    ...options,
  })
  let error: unknown
  try {
    for (let at = 0; at < bytes.length; at += 700) await out.write(bytes.slice(at, at + 700))
    await out.close()
  } catch (thrown) {
    error = thrown
  } finally {
    await server.close()
  }
  assert.equal(told, error === undefined ? [] : [error])
  return { lines, error, seen: server.seen, taken: server.taken() }
}

interface Options extends PosterOptions {
  readonly bytes?: Uint8Array
  readonly faultOf?: (request: number) => Fault | Promise<Fault>
}

interface Posted extends Pick<Awaited<ReturnType<typeof loopback>>, 'seen'> {
  readonly lines: readonly string[]
  readonly error: unknown
  readonly taken: Uint8Array
}

function gaveUp({ error }: Posted, pattern: RegExp): void {
  assert.instance(error, ThalwegError)
  assert.is((error as ThalwegError).code, 'E_OUTPUT')
  assert.match((error as ThalwegError).message, pattern)
}

test('a training that posts is analysed as its bytes are', async () => {
  const dense = tf.layers.dense
  const model = tf.sequential({
    layers: [
      dense({ name: 'hidden', inputShape: [6], units: 40, activation: 'tanh' }),
      dense({ name: 'output', units: 3, activation: 'softmax' }),
    ],
  })
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy' })
  const x = tf.randomNormal([60, 6], 0, 1, 'float32', 3)
  const y = tf.oneHot(x.slice([0, 0], [60, 3]).argMax(1), 3)

  const authorize = ({ headers }: Request) => headers.get('Authorization') === 'Bearer mine'
  const every = (request: number) =>
    request % 3 === 2 ? failing(503, { 'Retry-After': '0' }) : undefined
  const server = await loopback(edge(memoryStore(), { authorize }, pipeline), every)
  const lines: string[] = []
  const out = poster(server.url, {
    headers: { Authorization: 'Bearer mine' },
    pieceBytes: 6000,
    onSummaries: (some) => lines.push(...some),
  })
  const sent: Uint8Array[] = []
  const write = (bytes: Uint8Array) => {
    sent.push(bytes.slice())
    return out.write(bytes)
  }
  await model.fit(x, y, { epochs: 10, batchSize: 20, verbose: 0, callbacks: tap(model, { write }) })
  await out.close()
  await server.close()

  const bytes = Buffer.concat(sent)
  assert.ok(bytes.equals(server.taken()))
  assert.ok(server.seen.length > 6)
  assert.equal(lines, engineLines(bytes, pipeline))
  assert.match(lines.at(-1)!, '"end":"closed"')
})

for (const [what, fault] of [
  ['are dropped', () => 'dropped'],
  ['lose their answers', () => 'lost'],
  ['are answered 503', () => failing(503)],
  ['are answered 429', () => failing(429, { 'Retry-After': '0' })],
] as [string, () => Fault][]) {
  test(`every third request may fail: they ${what}`, async () => {
    const faultOf = (request: number) => (request % 3 === 0 ? fault() : undefined)
    const { lines, error, seen, taken } = await posted(edge(memoryStore(), {}, plain), { faultOf })
    assert.is(error, undefined)
    assert.ok(walk.every((byte, i) => byte === taken[i]))
    assert.is(taken.length, walk.length)
    assert.equal(lines, engineLines(walk, plain))
    const numbers = seen.map(({ sequence }) => sequence)
    const pieces = Math.ceil(walk.length / quick.pieceBytes)
    assert.equal(
      [...new Set(numbers)],
      Array.from({ length: pieces }, (_, n) => n),
      'in order'
    )
    assert.is(seen.length, pieces + Math.ceil(pieces / 2))
  })
}

test('waits as long as the server asks', async () => {
  const faultOf = (request: number) =>
    request === 1 ? failing(503, { 'Retry-After': '1' }) : undefined
  const begun = performance.now()
  const { error, taken } = await posted(edge(memoryStore(), {}, plain), { faultOf })
  assert.is(error, undefined)
  assert.is(taken.length, walk.length)
  assert.ok(performance.now() - begun > 990)
})

test('does not hold training up until too much is on its way', async () => {
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const faultOf = async () => {
    await gate
    return undefined
  }
  const server = await loopback(edge(memoryStore(), {}, plain), faultOf)
  const out = poster(server.url, { ...quick, waitingBytes: 12_000 })
  const writes = []
  for (let at = 0; at < 16_000; at += 1000) writes.push(out.write(walk.slice(at, at + 1000)))
  assert.equal(
    writes.map((written) => written !== undefined),
    [...Array(15).fill(false), true]
  )
  let waits = true
  writes[15]!.then(() => {
    waits = false
  })
  await sleep(50)
  assert.ok(waits)
  open()
  await writes[15]
  await out.write(walk.slice(16_000))
  await out.close()
  await server.close()
  assert.is(server.taken().length, walk.length)
})

test('posts a small piece when it has waited long enough', async () => {
  const server = await loopback(edge(memoryStore(), {}, plain))
  const out = poster(server.url, { pieceMs: 20 })
  out.write(walk.slice(0, 1000))
  while (server.seen.length === 0) await sleep(5)
  assert.is(server.taken().length, 1000)
  await out.close()
  await server.close()
  assert.is(server.seen.length, 1)
})

test('posts the last piece again to a server that has lost it', async () => {
  const { lines, error, seen, taken } = await posted(failover(plain))
  assert.is(error, undefined)
  assert.is(taken.length, walk.length)
  assert.equal(
    seen.slice(5, 9).map(({ sequence, status }) => [sequence, status]),
    [
      [5, 200],
      [6, 409],
      [5, 200],
      [6, 200],
    ]
  )
  assert.equal(lines, engineLines(walk, plain))
})

test('gives up on a server that has lost more than it holds', async () => {
  const handlers = [0, 0].map(() => edge(memoryStore(), {}, plain))
  let pieces = 0
  const forgetful = (request: Request) => handlers[pieces++ < 5 ? 0 : 1]!(request)
  gaveUp(
    await posted(forgetful),
    /refused piece 5: piece 0 is expected, which is not here any more/
  )
})

test('gives up without a credential, at once', async () => {
  const given = await posted(edge(memoryStore(), { authorize: () => false }, plain))
  gaveUp(given, /runs\/mine\/frames refused piece 0 with 401: this needs a valid credential/)
  assert.is(given.seen.length, 1)
})

test('gives up on a stream that is refused, with its summaries told', async () => {
  const bytes = Buffer.concat([walk.subarray(0, 20_000), Buffer.alloc(9000, 0xc1)])
  const given = await posted(edge(memoryStore(), {}, plain), { bytes })
  gaveUp(given, /refused piece 5 with 422: at byte 2\d{4}: .*\[E_\w+\]/)
  assert.ok(given.lines.length > 0)
})

test("gives up on another's run", async () => {
  const fetch = edge(memoryStore(), {}, plain)
  assert.is((await posted(fetch)).error, undefined)
  gaveUp(await posted(fetch), /has another stream's pieces, 14 so far/)
})

test("gives up on another's run of one piece, which its own are not mixed with", async () => {
  const fetch = edge(memoryStore(), {}, plain)
  const bytes = walk.subarray(0, quick.pieceBytes)
  assert.is((await posted(fetch, { bytes })).error, undefined)
  const given = await posted(fetch)
  gaveUp(given, /has another stream's pieces, 1 so far/)
  assert.is(given.taken.length, 0)
})

for (const [what, fault] of [
  ['succeed', () => undefined],
  ['lose their answers', () => 'lost'],
] as [string, () => Fault][]) {
  test(`of a trainer that was started again goes on with its run, if requests ${what}`, async () => {
    const fetch = edge(memoryStore(), {}, plain)
    const died = await posted(fetch, { bytes: walk.subarray(0, 30_000) })
    assert.is(died.error, undefined)
    const faultOf = (request: number) => (request % 2 === 0 ? fault() : undefined)
    const again = await posted(fetch, { resume: true, faultOf })
    assert.is(again.error, undefined)
    const numbers = [...new Set(again.seen.map(({ sequence }) => sequence))]
    assert.equal(numbers, [0, ...Array.from({ length: 14 }, (_, i) => died.seen.length + i)])
    const last = (lines: readonly string[]) =>
      JSON.parse(lines.at(-1)!).values as { end: string; steps: number }
    const { end, steps } = last([...died.lines, ...again.lines])
    assert.equal([end, steps], ['closed', last(engineLines(walk, plain)).steps])
  })
}

test('goes on where there is no run yet, too', async () => {
  const { lines, error } = await posted(edge(memoryStore(), {}, plain), { resume: true })
  assert.is(error, undefined)
  assert.equal(lines, engineLines(walk, plain))
})

test('of two that go on with a run, the first gives up and says why', async () => {
  const fetch = edge(memoryStore(), {}, plain)
  await posted(fetch, { bytes: walk.subarray(0, 20_000) })
  let requests = 0
  const interrupted: Fetch = async (request) => {
    if (++requests === 4) assert.is((await posted(fetch, { resume: true })).error, undefined)
    return fetch(request)
  }
  const first = await posted(interrupted, { resume: true })
  gaveUp(first, /goes on with another trainer since piece 7\. Let one of them post/)
})

test('gives up on a run of another network', async () => {
  const fetch = edge(memoryStore(), {}, plain)
  await posted(fetch, { bytes: walk.subarray(0, 30_000) })
  const bytes = stream({ steps: 4, rows: 301 })
  gaveUp(
    await posted(fetch, { resume: true, bytes }),
    /with 409: the saved state is of another run/
  )
})

test('gives up on a redirect, which would lose the piece', async () => {
  const faultOf = () => failing(302, { Location: '/elsewhere' })
  gaveUp(await posted(edge(memoryStore(), {}, plain), { faultOf }), /refused piece 0 with 302/)
})

test('gives up when nobody answers, and lets training go on', async () => {
  const server = await loopback(edge(memoryStore(), {}, plain))
  await server.close()
  const told: unknown[] = []
  const onError = (error: unknown) => told.push(error)
  const out = poster(server.url, { ...quick, retries: 2, waitingBytes: 8000, onError })
  for (let at = 0; at < walk.length; at += 1000) await out.write(walk.slice(at, at + 1000))
  await out.close()
  assert.is(told.length, 1)
  assert.match((told[0] as Error).message, /did not take piece 0 in 3 tries: .*ECONNREFUSED/)
})

/** What is written on the console meanwhile. */
async function spoken(act: () => Promise<void>): Promise<string[]> {
  const { warn, error } = console
  const said: string[] = []
  console.warn = console.error = (text: string) => void said.push(text)
  try {
    await act()
  } finally {
    Object.assign(console, { warn, error })
  }
  return said
}

test('says within seconds that nobody is there, once, and without query, user or password', async () => {
  const server = await loopback(edge(memoryStore(), {}, plain))
  await server.close()
  const url = new URL(server.url)
  Object.assign(url, { username: 'me', password: 'secret', search: '?key=secret' })
  const said = await spoken(async () => {
    const out = poster(url, { ...quick, retries: 5, backoffMs: 500, pieceBytes: 1e6 })
    await out.write(walk)
    await out.close()
  })
  assert.is(said.length, 2)
  assert.match(said[0]!, /does not answer yet .*ECONNREFUSED.*training continues/)
  assert.match(said[1]!, /did not take piece 0 in 6 tries/)
  assert.not.match(said.join(), /secret|me@/)
})

test('takes a page that answers 200 in the place of a handler for none', async () => {
  const portal = () => new Response('<html>Log in</html>', { status: 200 })
  const faultOf = (request: number) => (request < 2 ? portal() : undefined)
  const { seen, taken } = await posted(edge(memoryStore(), {}, plain), { faultOf })
  assert.equal(taken, walk)
  assert.ok(seen.length > 2)
  const always = await posted(edge(memoryStore(), {}, plain), { faultOf: portal, retries: 2 })
  gaveUp(always, /200, but without "Thalweg-Expected": no handler of Thalweg answers there/)
})

test('tries again what an error page in any encoding answers, by its status', async () => {
  const bytes = Uint8Array.of(0xfc, 0xdf, 0x80, 0xff)
  const page = () => new Response(bytes, { status: 502, headers: { 'Content-Type': 'text/html' } })
  const faultOf = (request: number) => (request === 0 ? page() : undefined)
  const { taken } = await posted(edge(memoryStore(), {}, plain), { faultOf })
  assert.equal(taken, walk)
})

test('sends a user and a password of the address as a header', async () => {
  let header: string | null = null
  const handler = edge(memoryStore(), {}, plain)
  const server = await loopback((request) => {
    header = request.headers.get('Authorization')
    return handler(request)
  })
  const url = new URL(server.url)
  Object.assign(url, { username: 'me', password: 'ünd:du' })
  const out = poster(url, quick)
  await out.write(walk)
  await out.close()
  await server.close()
  assert.is(header, `Basic ${Buffer.from('me:ünd:du').toString('base64')}`)
})

test('refuses a header that breaks a line without showing it', () => {
  const headers = { Authorization: 'Bearer sec\nret' }
  assert.throws(
    () => poster('http://localhost/runs/mine/frames', { headers }),
    ({ message, code }: ThalwegError) =>
      code === 'E_CONFIG' && message.includes('"Authorization"') && !message.includes('sec')
  )
  assert.throws(() => poster('not an address'), /the address is not a URL/)
})

const hard = 'hard/T0ken+of=odd&signs<that>escape'
const forms: readonly ((sent: string) => string)[] = [
  (sent) => sent,
  (sent) => sent.replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
  encodeURIComponent,
  (sent) => JSON.stringify(JSON.stringify(sent)),
  (sent) => JSON.stringify({ error: { message: `\x1b[31m${sent}` } }),
  (sent) => ' '.repeat(190) + sent,
]

for (const [name, search, headers] of [
  ['a header', '', [['Authorization', `Bearer ${hard}`]]],
  ['a query', `?key=1&sig=${encodeURIComponent(hard)}&sig=another`, []],
] as [string, string, [string, string][]][]) {
  test(`does not quote ${name} that a server sends back in another form`, async () => {
    for (const form of forms) {
      const sent = search ? `${hard} ${search}` : hard
      const server = await loopback(async () => new Response(form(sent), { status: 403 }))
      const told: Error[] = []
      const options = { ...quick, headers, onError: (error: unknown) => told.push(error as Error) }
      const out = poster(server.url + search, options)
      await out.write(walk)
      await out.close()
      await server.close()
      assert.is(told.length, 1)
      assert.match(told[0]!.message, /refused piece 0 with 403: .*\*\*\*/)
      assert.not.match(told[0]!.message, /T0ken|another/)
      assert.not.ok(told[0]!.message.includes('\x1b'))
    }
  })
}

test('quotes a long message briefly', async () => {
  const message = 'm'.repeat(100_000)
  const fetch = async () => new Response(JSON.stringify({ error: { message } }), { status: 403 })
  assert.ok(((await posted(fetch)).error as Error).message.length < 500)
})

test('goes on where a function that takes summaries throws, and says so once', async () => {
  const { warn } = console
  const said: string[] = []
  console.warn = (text: string) => said.push(text)
  try {
    const onSummaries = () => {
      throw new Error('mine')
    }
    const { error } = await posted(edge(memoryStore(), {}, plain), { onSummaries })
    assert.is(error, undefined)
  } finally {
    console.warn = warn
  }
  assert.equal(said, ['thalweg: "onSummaries" threw: mine'])
})

test('takes a password with a per cent sign', () => {
  assert.not.throws(() => poster('https://me:50%off@example.com/runs/x/frames'))
})

test('refuses pieces of no bytes', () => {
  assert.throws(
    () => poster('http://localhost/runs/mine/frames', { pieceBytes: 0 }),
    (error: ThalwegError) => error.code === 'E_CONFIG'
  )
})

test.run()
