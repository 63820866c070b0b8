import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Store } from '../../src/edge/store.ts'
import { frame, stream } from '../support/stream.ts'
import { ask, codeOf, cut, edge, engineLines, post } from './support.ts'

const damage = suite('a stored run')

/** A store that lies open: `head/<run>` and `chunk/<run>/<name>`. */
function open(): Store & { readonly files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>()
  let writes = 0
  const revisions = new Map<string, string>()
  return {
    files,
    async head(run) {
      const bytes = files.get(`head/${run}`)
      return bytes && { revision: revisions.get(run)!, bytes }
    },
    async compareAndSet(run, revision, head) {
      if (revisions.get(run) !== revision) return undefined
      files.set(`head/${run}`, head.slice())
      revisions.set(run, String(++writes))
      return String(writes)
    },
    async putChunk(run, name, bytes) {
      files.set(`chunk/${run}/${name}`, bytes.slice())
    },
    getChunk: async (run, name) => files.get(`chunk/${run}/${name}`),
    async delete(run, names) {
      for (const name of names ?? []) files.delete(`chunk/${run}/${name}`)
      if (names) return
      for (const key of files.keys()) if (key.startsWith(`chunk/${run}/`)) files.delete(key)
      files.delete(`head/${run}`)
      revisions.delete(run)
    },
  }
}

const walk = stream({ steps: 24, members: 2, rows: 700 })
const [first, second, third] = cut(walk, [60_000, 61_000]) as [Uint8Array, Uint8Array, Uint8Array]
/** After the first piece a state is written, after the second only a journal. */
const limits = { stateBytes: 50_000 }

/** A store with runs `a` and `b`, each with state, journal, answers and summaries. */
async function stored() {
  const store = open()
  const other = Buffer.concat([frame('open', openOfB), walk.subarray(openLength)])
  const fetch = edge(store, { limits })
  assert.is((await post(fetch, 'a', 0, first)).status, 200)
  assert.is((await post(fetch, 'a', 1, second)).status, 200)
  assert.is((await post(fetch, 'b', 0, other.subarray(0, 60_000))).status, 200)
  assert.is((await post(fetch, 'b', 1, other.subarray(60_000, 61_000))).status, 200)
  const key = (run: string, kind: string) => {
    const found = [...store.files.keys()].filter((k) => k.startsWith(`chunk/${run}/${kind}-`))
    assert.ok(found.length > 0, `${run} has ${kind}`)
    return found[0]!
  }
  return { store, key, cold: () => edge(store, { limits }) }
}

const tensors = [
  { name: 'dense.weight', shape: [700], dtype: 'f32' },
  { name: 'dense.bias', shape: [10], dtype: 'f32' },
]
const openLength = frame('open', { version: 1, run: 'test', tensors, members: 2 }).length
const openOfB = { version: 1, run: 'tset', tensors, members: 2 }

damage('has no chunk that its head does not name', async () => {
  const { store } = await stored()
  for (const run of ['a', 'b']) {
    const head = new TextDecoder().decode(store.files.get(`head/${run}`)!)
    const names = [...head.matchAll(/"name":"([^"]+)"/g)].map(
      ([, name]) => `chunk/${run}/${name}.0`
    )
    const chunks = [...store.files.keys()].filter((file) => file.startsWith(`chunk/${run}/`))
    assert.equal(chunks.sort(), names.sort())
  }
})

damage('goes on in a new instance when all is there', async () => {
  const { cold } = await stored()
  const last = (await post(cold(), 'a', 2, third)).text.trimEnd().split('\n').at(-1)
  assert.is(last, engineLines(walk).at(-1))
})

const bytesOf = (text: string) => new TextEncoder().encode(text)
const flipped = (bytes: Uint8Array, place: number) => {
  const damaged = bytes.slice()
  damaged[place]! ^= 1
  return damaged
}

type Tamper = (files: Map<string, Uint8Array>, key: (run: string, kind: string) => string) => void

const cases: Record<string, readonly [status: number, code: string, tamper: Tamper]> = {
  'has a digit of its head changed': [
    500,
    'E_STATE',
    (files) => {
      const text = new TextDecoder().decode(files.get('head/a')!)
      files.set('head/a', bytesOf(text.replace('"posted":61000', '"posted":61001')))
    },
  ],
  'has an empty head': [500, 'E_STATE', (files) => files.set('head/a', new Uint8Array(0))],
  'has the head of another run': [
    500,
    'E_STATE',
    (files) => files.set('head/a', files.get('head/b')!),
  ],
  'has a bit of its state flipped': [
    500,
    'E_STATE',
    (files, key) => {
      const state = files.get(key('a', 's'))!
      files.set(key('a', 's'), flipped(state, state.length >> 1))
    },
  ],
  'has its state cut off': [
    500,
    'E_STATE',
    (files, key) => files.set(key('a', 's'), files.get(key('a', 's'))!.subarray(0, -100)),
  ],
  'has the state of another run': [
    500,
    'E_STATE',
    (files, key) => files.set(key('a', 's'), files.get(key('b', 's'))!),
  ],
  'has a bit of its journal flipped': [
    500,
    'E_STATE',
    (files, key) => files.set(key('a', 'j'), flipped(files.get(key('a', 'j'))!, 500)),
  ],
  'has the journal of another run': [
    500,
    'E_STATE',
    (files, key) => files.set(key('a', 'j'), bytesOf('x'.repeat(1000))),
  ],
  'misses a chunk of its state': [503, 'E_MISSING', (files, key) => files.delete(key('a', 's'))],
  'misses a chunk of its journal': [503, 'E_MISSING', (files, key) => files.delete(key('a', 'j'))],
}

for (const [what, [status, code, tamper]] of Object.entries(cases)) {
  damage(`that ${what} is refused, left as it is, and can be deleted`, async () => {
    const { store, key, cold } = await stored()
    tamper(store.files, key)
    const before = new Map(store.files)
    const refused = await post(cold(), 'a', 2, third)
    assert.equal([refused.status, codeOf(refused)], [status, code], refused.text)
    assert.equal(store.files, before)
    assert.is((await post(cold(), 'b', 2, new Uint8Array(0))).status, 200, 'the other run goes on')
    assert.is((await ask(cold(), '/runs/a', 'DELETE')).status, 200)
    assert.equal(
      [...store.files.keys()].filter((file) => /^(head|chunk)\/a\b/.test(file)),
      []
    )
    assert.is((await post(cold(), 'a', 0, first)).status, 200)
  })
}

damage(
  'is refused to a handler with another pipeline, which may still show and delete it',
  async () => {
    const { store } = await stored()
    const other = edge(store, { limits }, { block: 8, stages: [] })
    const refused = await post(other, 'a', 2, third)
    assert.equal([refused.status, codeOf(refused)], [500, 'E_STATE'])
    assert.match(refused.text, /another pipeline/)
    assert.is((await ask(other, '/runs/a')).status, 200)
    assert.is((await ask(other, '/runs/a', 'DELETE')).status, 200)
  }
)

damage('with damaged summaries refuses to show them', async () => {
  const { store, key, cold } = await stored()
  const latest = key('a', 'l')
  store.files.set(latest, flipped(store.files.get(latest)!, 50))
  const refused = await ask(cold(), '/runs/a')
  assert.equal([refused.status, codeOf(refused)], [500, 'E_STATE'])
})

damage('whose deletion broke off is deleted by the next one', async () => {
  const { store, cold } = await stored()
  const broken: Store = { ...store, delete: () => Promise.reject(new Error('the store is down')) }
  assert.is((await ask(edge(broken, { limits }), '/runs/a', 'DELETE')).status, 500)
  assert.is((await ask(cold(), '/runs/a')).status, 404)
  const refused = await post(cold(), 'a', 0, first)
  assert.equal([refused.status, codeOf(refused)], [503, 'E_CONFLICT'])
  assert.is((await ask(cold(), '/runs/a', 'DELETE')).status, 200)
  assert.not([...store.files.keys()].some((file) => /^(head|chunk)\/a\b/.test(file)))
  assert.is((await post(cold(), 'a', 0, first)).status, 200)
})

damage('goes on where its store has taken a head and says that it has not', async () => {
  const store = open()
  // As the client of a store does that asks twice: the second time it is refused by what it wrote the first time.
  const twice: Store = {
    ...store,
    async head(run) {
      const stored = await store.head(run)
      return stored && { ...stored, bytes: Buffer.from(stored.bytes) }
    },
    async compareAndSet(...call) {
      await store.compareAndSet(...call)
      return store.compareAndSet(...call)
    },
  }
  let text = ''
  for (const [n, bytes] of [first, second, third].entries()) {
    const answer = await post(edge(twice, { limits }), 'a', n, bytes)
    assert.is(answer.status, 200)
    text += answer.text
  }
  assert.equal(text.trimEnd().split('\n'), engineLines(walk))
  assert.is((await ask(edge(twice, { limits }), '/runs/a', 'DELETE')).status, 200)
})

damage('keeps a head that its store denies and another instance goes on from', async () => {
  const store = open()
  const journals = { limits: { stateBytes: 2 ** 40 } }
  const pieces = [first, second, third]
  const answers: string[] = []
  const next = async (n: number) => {
    const { status, text } = await post(edge(store, journals), 'a', n, pieces[n]!)
    assert.is(status, 200, text)
    answers[n] = text
  }
  let heads = 0
  const denying: Store = {
    ...store,
    async compareAndSet(...call) {
      const revision = await store.compareAndSet(...call)
      // The first one is that of a run without pieces.
      if (++heads < 2) return revision
      await next(0)
      await next(1)
      return undefined
    },
  }
  const denied = await post(edge(denying, journals), 'a', 0, first)
  assert.equal([denied.status, codeOf(denied)], [503, 'E_CONFLICT'])
  await next(2)
  assert.equal(answers.join('').trimEnd().split('\n'), engineLines(walk))
})

damage('survives a store that fails at any call', async () => {
  const [a, b, c] = [first, second, third]
  let calls = 0
  for (let failing = 0; failing < 40; failing++) {
    const store = open()
    calls = 0
    const flaky = new Proxy<Store>(store, {
      get: (target, name) =>
        typeof Reflect.get(target, name) !== 'function'
          ? Reflect.get(target, name)
          : (...parameters: never[]) =>
              calls++ === failing
                ? Promise.reject(new Error('the store is down'))
                : (Reflect.get(target, name) as (...all: never[]) => unknown)(...parameters),
    })
    const reports: unknown[] = []
    const fetch = edge(flaky, { limits, report: (error) => reports.push(error) })
    let text = ''
    for (const [n, bytes] of [a, b, c].entries()) {
      let answer = await post(fetch, 'a', n, bytes)
      if (answer.status !== 200) {
        assert.is(answer.status, 500)
        assert.not.match(answer.text, /down/)
        assert.match(String(reports), /down/)
        answer = await post(fetch, 'a', n, bytes)
      }
      assert.is(answer.status, 200)
      text += answer.text
    }
    assert.equal(text.trimEnd().split('\n'), engineLines(walk), `call ${failing} fails`)
  }
  assert.ok(calls < 40, `${calls} calls`)
})

damage.run()
