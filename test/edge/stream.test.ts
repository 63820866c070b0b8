import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Store } from '../../src/edge/store.ts'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import { fileStore } from '../../src/node/file-store.ts'
import { random } from '../engine/frames.ts'
import { delta, frame, openFrame, stream } from '../support/stream.ts'
import {
  type Answered,
  answered,
  ask,
  codeOf,
  counted,
  cut,
  edge,
  engineLines,
  type Fetch,
  piece,
  post,
  randomPlaces,
} from './support.ts'

const posted = suite('a stream that is posted')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
posted.after(() => rmSync(folder, { recursive: true }))

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '')

/** Posts the pieces in their order, each to the handler that `fetchFor` gives. */
async function postAll(
  pieces: readonly Uint8Array[],
  fetchFor: () => Fetch,
  headers: Record<string, string> = {}
) {
  const answers: Answered[] = []
  for (const [n, bytes] of pieces.entries()) {
    const answer = await post(fetchFor(), 'mnist', n, bytes, headers)
    assert.is(answer.status, 200, answer.text)
    assert.is(answer.expected, String(n + 1))
    answers.push(answer)
  }
  return answers.flatMap(({ text }) => linesOf(text))
}

const walk = stream({ steps: 40, members: 2, rows: 700 })
const whole = engineLines(walk)

posted('gives the lines of the whole file, wherever it is cut', async () => {
  const next = random(1)
  for (const count of [0, 1, 7, 60]) {
    const fetch = edge(memoryStore())
    const pieces = cut(walk, randomPlaces(walk.length, count, next))
    assert.equal(await postAll(pieces, () => fetch), whole, `${count} cuts`)
  }
})

for (const [name, makeStore] of [
  ['memory', () => memoryStore()],
  ['files', () => fileStore(join(folder, 'cold'))],
] as const) {
  posted(`does so if each piece meets a new instance, with state in ${name}`, async () => {
    const next = random(2)
    // State is written after every piece, after some, and never: then all is replayed.
    for (const stateBytes of [1, 60_000, 2 ** 40]) {
      const store: Store = makeStore()
      const pieces = cut(walk, randomPlaces(walk.length, 25, next))
      const fetchFor = () => edge(store, { limits: { stateBytes } })
      for (const length of ['announced', 'unknown']) {
        const headers = length === 'unknown' ? { 'Content-Length': length } : undefined
        assert.equal(await postAll(pieces, fetchFor, headers), whole, `every ${stateBytes} bytes`)
        assert.is((await ask(fetchFor(), '/runs/mnist', 'DELETE')).status, 200)
      }
    }
  })
}

posted('leaves nothing behind when the run is deleted', async () => {
  const home = join(folder, 'gone')
  const fetch = edge(fileStore(home), { limits: { stateBytes: 1 } })
  await postAll(cut(walk, [1000, 30_000]), () => fetch)
  assert.equal(readdirSync(home), ['run-mnist'])
  const { status, text } = await ask(fetch, '/runs/mnist', 'DELETE')
  assert.is(status, 200)
  assert.is(text, '', 'it was closed by its stream')
  assert.equal(readdirSync(home), [])
  assert.is((await ask(fetch, '/runs/mnist')).status, 404)
})

posted('is truncated when it is deleted before its close, and then begins anew', async () => {
  const fetch = edge(memoryStore())
  const open = stream({ steps: 10, members: 2, rows: 700, close: false })
  const first = linesOf((await post(fetch, 'a', 0, open)).text)
  const rest = linesOf((await ask(fetch, '/runs/a', 'DELETE')).text)
  assert.equal([...first, ...rest], engineLines(open))
  assert.match(rest.at(-1)!, /run\/truncated/)
  assert.is((await post(fetch, 'a', 0, open)).status, 200)
})

posted('may hold several runs', async () => {
  const two = Buffer.concat([stream({ steps: 9 }), stream({ steps: 14, rows: 300 })])
  const store = memoryStore()
  const lines = await postAll(cut(two, randomPlaces(two.length, 20, random(3))), () => edge(store))
  assert.equal(lines, engineLines(two))
})

posted('with an error in it is answered 422: what came before it, then the error', async () => {
  const bad = Buffer.concat([
    ...[openFrame(), ...[1, 2, 3, 4, 5].map((step) => delta(step, 0, 300, step))],
    delta(2, 0, 300, 1),
    delta(6, 0, 300, 1),
  ])
  const single = { block: 4, stages: [{ type: 'svd', rank: 2 }] }
  const store = memoryStore()
  const fetch = () => edge(store, {}, single)
  await post(fetch(), 'a', 0, bad.subarray(0, 2000))
  const first = await post(fetch(), 'a', 1, bad.subarray(2000))
  assert.is(first.status, 422)
  assert.is(codeOf(first), 'E_STEP')
  assert.equal(linesOf(first.text).slice(0, -1), engineLines(bad, single))
  assert.match(first.text, /run\/failed/)
  assert.equal((await post(fetch(), 'a', 1, bad.subarray(2000))).text, first.text)
  assert.is((await post(fetch(), 'a', 1, '')).status, 422)
  const later = await post(fetch(), 'a', 2, delta(7, 0, 300, 1))
  assert.is(later.status, 422)
  assert.is(codeOf(later), 'E_STEP')
  assert.is((await ask(fetch(), '/runs/a', 'DELETE')).status, 200)
  assert.is((await post(fetch(), 'a', 0, openFrame())).status, 200)
})

posted('with text in it says so in the same words wherever it is cut', async () => {
  const text = Buffer.concat([openFrame(), Buffer.from('Epoch 1 of 10\n'), openFrame()])
  const words = new Set<string>()
  for (let place = 0; place < 14; place++) {
    const store = memoryStore()
    const fetchFor = () => edge(store, { limits: { stateBytes: 1 } })
    await post(fetchFor(), 'a', 0, text.subarray(0, openFrame().length + place))
    const { status, text: said } = await post(
      fetchFor(),
      'a',
      1,
      text.subarray(openFrame().length + place)
    )
    assert.is(status, 422)
    words.add(said.trimEnd().split('\n').at(-1)!)
  }
  assert.equal(words.size, 1)
  assert.match([...words][0]!, /Epoch 1 of 10.*E_STRAY_TEXT/)
})

posted('of a model too large for the memory is refused with what would fit', async () => {
  const tensors = [{ name: 'w', shape: [1_000_000], dtype: 'f32' }]
  const open = frame('open', { version: 1, run: 'huge', tensors })
  const fetch = edge(memoryStore(), {}, { stages: [{ type: 'svd', tier: 'basis' }] })
  const refused = await post(fetch, 'a', 0, open)
  assert.is(refused.status, 422)
  assert.is(codeOf(refused), 'E_MEMORY')
  assert.match(
    refused.text,
    /need \d{9} bytes, \\"memory.max\\" is 67108864.*fit:\\n {2}\{.*\\n {2}\{/
  )
})

posted(
  'of a step that was repeated right after a restart counts it as the engine does',
  async () => {
    const repeated = Buffer.concat([
      ...[openFrame(), delta(1, 0, 300, 1), delta(2, 0, 300, 2)],
      ...[delta(2, 0, 300, 2), delta(3, 0, 300, 3), frame('close', { frames: 4 })],
    ])
    const store = memoryStore()
    const place = openFrame().length + 2 * delta(1, 0, 300, 1).length
    const fetchFor = () => edge(store, { limits: { stateBytes: 1 } }, { block: 4 })
    const lines = await postAll(cut(repeated, [place]), fetchFor)
    assert.equal(lines, engineLines(repeated, { block: 4 }))
  }
)

posted('moves about twice its bytes through the store while an instance lives', async () => {
  const long = stream({ steps: 600, rows: 4000 })
  const single = { block: 8, stages: [{ type: 'svd', rank: 4 }] }
  const store = counted(memoryStore())
  const fetch = edge(store, {}, single)
  const places = Array.from({ length: 99 }, (_, i) => Math.floor(((i + 1) * long.length) / 100))
  assert.equal(await postAll(cut(long, places), () => fetch), engineLines(long, single))
  const ratio = store.moved / long.length
  assert.ok(ratio > 1 && ratio < 2.2, `${ratio}`)
})

posted(
  'moves less than four times its bytes if instances vanish between pieces as large as the state',
  async () => {
    const long = stream({ steps: 600, rows: 4000 })
    const single = { block: 8, stages: [{ type: 'svd', rank: 4 }] }
    const store = counted(memoryStore())
    const places = Array.from({ length: 7 }, (_, i) => Math.floor(((i + 1) * long.length) / 8))
    assert.equal(
      await postAll(cut(long, places), () => edge(store, {}, single)),
      engineLines(long, single)
    )
    const ratio = store.moved / long.length
    assert.ok(ratio < 4, `${ratio}`)
  }
)

posted('goes on on another instance after a body that broke off', async () => {
  const store = memoryStore()
  const [first, second] = cut(walk, [100_000]) as [Uint8Array, Uint8Array]
  const fetch = edge(store)
  const got = [...linesOf((await post(fetch, 'a', 0, first)).text)]
  const broken = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(second.slice(0, 50_000))
    },
    pull(controller) {
      controller.error(new Error('the line went dead'))
    },
  })
  const failed = await answered(await fetch(piece('a', 1, broken)))
  assert.is(failed.status, 500)
  assert.not.match(failed.text, /line went dead/)
  got.push(...linesOf((await post(fetch, 'a', 1, second)).text))
  assert.equal(got, whole)
})

posted.run()
