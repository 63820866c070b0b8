import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Store } from '../../src/edge/store.ts'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import { Runs } from '../../src/engine/run/runs.ts'
import { summaryLine } from '../../src/engine/summary.ts'
import { parsePipeline } from '../../src/pipeline/pipeline.ts'
import { FrameReader } from '../../src/wire/reader.ts'
import { random } from '../engine/frames.ts'
import { bytes, delta, frame, openFrame, stream } from '../support/stream.ts'
import {
  type Answered,
  ask,
  codeOf,
  cut,
  edge,
  engineLines,
  pipeline,
  post,
  randomPlaces,
  stages,
} from './support.ts'

const joined = suite('a stream that joins a run')

const rows = 700
const members = 2
const whole = stream({ steps: 40, members, rows })
const lines = engineLines(whole)

/** What a trainer sends that goes on after `step`, which it kept itself. */
function from(step: number): Uint8Array {
  const frames: Uint8Array[] = []
  for (const member of [0, 1]) {
    const data = [bytes(rows, 1 + member * 1e-4), bytes(10, 0)]
    frames.push(frame('anchor', { step, member, data }))
  }
  for (let n = step + 1; n <= 40; n++) {
    for (const member of [0, 1]) frames.push(delta(n, member, rows, Math.sin(n) / 100))
  }
  const close = frame('close', { frames: frames.length })
  return Buffer.concat([openFrame({ rows, members }), ...frames, close])
}

/** What the engine makes of one stream's beginning and another one. */
function joinedLines(first: Uint8Array, second: Uint8Array): string[] {
  const registry = { stages: stages.map((stage) => stage()), sources: [], sinks: [] }
  const { settings } = parsePipeline(pipeline, registry)
  const found: string[] = []
  const runs = new Runs(settings, ({ summaries }) => found.push(...summaries.map(summaryLine)))
  for (const part of [first, second]) {
    if (part === second) runs.join()
    const reader = new FrameReader(settings.limits)
    reader.push(part)
    for (let next = reader.next(); next; next = reader.next()) runs.take(next)
  }
  return found
}

const header = (join: string) => ({ 'Thalweg-Join': join })
const linesOf = ({ text }: Answered): string[] => text.split('\n').filter((line) => line !== '')
const lastOf = (all: readonly string[], stage: string) =>
  JSON.parse(all.findLast((line) => line.includes(`"stage":"${stage}"`))!)

/** Posts pieces of a trainer that dies within one, then those of its successor, each to an instance of its own. */
async function postBoth(first: Uint8Array, second: Uint8Array, stateBytes: number, seed: number) {
  const store: Store = memoryStore()
  const next = random(seed)
  const got: string[] = []
  let sequence = 0
  for (const [part, join] of [
    [first, undefined],
    [second, 'again'],
  ] as const) {
    for (const [n, piece] of cut(part, randomPlaces(part.length, 12, next)).entries()) {
      const headers: Record<string, string> = join && n === 0 ? header(join) : {}
      const fetch = edge(store, { limits: { stateBytes } })
      const answer = await post(fetch, 'a', sequence++, piece, headers)
      assert.is(answer.status, 200, answer.text)
      got.push(...linesOf(answer))
    }
  }
  return got
}

const died = whole.subarray(0, Math.floor(0.61 * whole.length))

joined('goes on from where its trainer was, in whatever pieces both came', async () => {
  for (const [at, second] of [8, 24].map((step) => [step, from(step)] as const)) {
    const expected = joinedLines(died, second)
    const { values } = lastOf(expected, 'run')
    assert.equal([values.end, values.steps >= 40], ['closed', true])
    for (const [seed, stateBytes] of [1, 60_000, 2 ** 40].entries()) {
      assert.equal(await postBoth(died, second, stateBytes, seed), expected, `from step ${at}`)
    }
  }
})

joined('from the start again ends as if nothing had happened', async () => {
  const got = await postBoth(died, whole, 60_000, 4)
  for (const stage of ['svd', 'cmd', 'ftle']) {
    assert.equal(lastOf(got, stage).values, lastOf(lines, stage).values)
  }
  const { end, steps } = lastOf(got, 'run').values
  assert.equal([end, steps], ['closed', 40])
})

joined('in one-byte pieces, or an empty one, is one too', async () => {
  const store = memoryStore()
  const fetch = () => edge(store, { limits: { stateBytes: 1 } })
  const got = linesOf(await post(fetch(), 'a', 0, died))
  got.push(...linesOf(await post(fetch(), 'a', 1, '', header('nothing'))))
  const second = from(8)
  for (let n = 0; n < 40; n++) {
    const headers: Record<string, string> = n === 0 ? header('again') : {}
    const answer = await post(fetch(), 'a', n + 2, second.subarray(n, n + 1), headers)
    assert.is(answer.status, 200, answer.text)
  }
  got.push(...linesOf(await post(fetch(), 'a', 42, second.subarray(40))))
  assert.equal(got, joinedLines(died, second))
})

joined('joins with an empty piece, however it is kept', async () => {
  const second = from(8)
  for (const stateBytes of [1, 60_000, 2 ** 40]) {
    const store = memoryStore()
    const fetch = () => edge(store, { limits: { stateBytes } })
    const got = linesOf(await post(fetch(), 'a', 0, died))
    assert.is((await post(fetch(), 'a', 1, '', header('again'))).text, '')
    for (const [n, piece] of cut(second, [1, 9000]).entries()) {
      got.push(...linesOf(await post(fetch(), 'a', n + 2, piece)))
    }
    assert.equal(got, joinedLines(died, second))
  }
})

joined(
  'is known by its name, when its first piece comes again or another comes as it',
  async () => {
    const store = memoryStore()
    const fetch = edge(store)
    await post(fetch, 'a', 0, died)
    const second = from(8)
    const early = await post(fetch, 'a', 0, second, header('b'))
    assert.equal([early.status, early.expected, codeOf(early)], [409, '1', 'E_GAP'])
    const taken = await post(fetch, 'a', 1, second, header('b'))
    assert.is(taken.status, 200)
    for (const again of [fetch, edge(store)]) {
      const { status, text } = await post(again, 'a', 1, second, header('b'))
      assert.equal([status, text], [200, taken.text])
      for (const headers of [header('c'), {}]) {
        const other = await post(again, 'a', 1, second, headers)
        assert.equal([other.status, other.expected, codeOf(other)], [409, '2', 'E_GAP'])
      }
    }
    const nameless = await post(fetch, 'a', 2, second, header('a b'))
    assert.equal([nameless.status, codeOf(nameless)], [400, 'E_SEQUENCE'])
  }
)

joined('of another network is refused, and the run goes on', async () => {
  const store = memoryStore()
  await post(edge(store), 'a', 0, died)
  const foreign = stream({ steps: 4, members, rows: 701 })
  const refused = await post(edge(store), 'a', 1, foreign, header('b'))
  assert.equal([refused.status, codeOf(refused)], [409, 'E_JOIN'])
  assert.match(refused.text, /the saved state is of another run: tensors\[0\]/)
  const { text } = await post(edge(store), 'a', 1, whole.subarray(died.length))
  assert.is(linesOf({ text } as Answered).at(-1), lines.at(-1))
})

joined('begins a run where none is open', async () => {
  const store = memoryStore()
  const first = await post(edge(store), 'a', 0, whole, header('a'))
  assert.equal(linesOf(first), lines)
  assert.equal(linesOf(await post(edge(store), 'a', 1, whole, header('b'))), lines)
  assert.is((await ask(edge(store), '/runs/a', 'DELETE')).status, 200)
})

joined.run()
