import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { memoryStore } from '../../../src/edge/stores/memory.ts'
import { plain, plainValue, quoted } from '../../../src/plain.ts'
import { edge, post } from '../../edge/support.ts'
import { bytes, frame } from '../../support/stream.ts'
import { type Ended, thalweg } from '../../support/thalweg.ts'

const strangers = suite('text of strangers')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
strangers.after(() => rmSync(folder, { recursive: true }))

/** Names with all that steers: a title, colours, a line of its own, C1, an order turned round, separators. */
const evil = '\x1b]0;T\x07\x1b[31m\rFAKE\nLINE\x7f\x9b1m\u202e\u2066\u061c\u2028\u2029\u0085\t\0'
/** What no byte of output may be, but for line feeds of ours. */
const steering = /[^\P{Cc}\n]|\p{Bidi_Control}|[\u2028\u2029]/u

const tensors = [{ name: `${evil}w`, shape: [300], dtype: 'f32' }]
const open = (run = `${evil}run`) => frame('open', { version: 1, run, tensors })
const delta = (step: number, changes: object = {}) =>
  frame('delta', {
    step,
    base: step - 1,
    metrics: { [`${evil}loss`]: step % 5 ? 1 / step : Number.NaN },
    data: [bytes(300, Math.sin(step) / 100)],
    ...changes,
  })
const steps = Array.from({ length: 40 }, (_, i) => delta(i + 1))
const good = Buffer.concat([open(), ...steps, frame('close', { frames: 40 })])

function clean(what: string, { stdout, stderr }: Ended): void {
  for (const text of [stdout, stderr]) {
    const found = text.match(steering)
    assert.is(found, null, `${what}: ${JSON.stringify(text.slice(found?.index, 60))}`)
    // A name's line feed makes no line of its own.
    assert.not(
      text.split('\n').some((line) => line.startsWith('LINE')),
      what
    )
  }
}

const stages = [
  { type: 'svd', rank: 2, per: 'tensor' },
  { type: 'cmd', modes: 2, warmup: 8, choose: 8 },
]
const pipeline = (name: string, json: object): string => {
  const file = join(folder, `${name}.json`)
  writeFileSync(file, JSON.stringify({ block: 8, stages, ...json }))
  return file
}

const lines = pipeline('lines', {})
const table = pipeline('table', { sinks: [{ type: 'table' }] })
const recording = join(folder, 'recording')
writeFileSync(recording, good)

for (const [what, args, input] of [
  ['lines', ['run', lines], good],
  ['a table', ['run', table], good],
  ['frame headers', ['inspect', recording], ''],
  ['frame headers as JSON', ['inspect', '--json', recording], ''],
  ['an explanation', ['lint', lines, '--explain', '--input', recording], ''],
] as const) {
  strangers(`steers no terminal in ${what}`, async () => {
    const ended = await thalweg([...args], input)
    assert.is(ended.code, 0, ended.stderr)
    assert.ok(ended.stdout.length + ended.stderr.length > 100)
    clean(what, ended)
  })
}

const sparse = { i: new Uint8Array(4), v: new Uint8Array(8) }
const bad: readonly [string, Uint8Array, string[]?][] = [
  ['an unknown kind', Buffer.concat([open(), frame(evil)])],
  [
    'a tensor that comes twice',
    frame('open', { version: 1, run: evil, tensors: [...tensors, ...tensors] }),
  ],
  ['a payload that does not fit', Buffer.concat([open(), delta(1, { data: [sparse] })])],
  ['a metric that is no number', Buffer.concat([open(), delta(1, { metrics: { [evil]: evil } })])],
  [
    'a part that is missing',
    Buffer.concat([open(), delta(1, { more: true, data: [] }), delta(1, { data: [] })]),
  ],
  ['a NaN', Buffer.concat([open(), delta(1, { data: [bytes(300, Number.NaN)] })])],
  ['a spike', Buffer.concat([open(), delta(1, { data: [bytes(300, 1e38)] })])],
  ['a dtype', Buffer.concat([open(), delta(1, { dtype: evil })])],
  ['a version', frame('open', { version: evil, run: evil, tensors })],
  ['words', Buffer.concat([open(), Buffer.from(`${evil.slice(1)} \x1b[2J words\n`)])],
  [
    'too little memory',
    frame('open', { version: 1, run: evil, tensors: [{ ...tensors[0], shape: [1e9] }] }),
  ],
  ['an empty selection', good, ['--set', 'select.include=["none"]']],
  ['a pattern without a match', good, ['--set', 'select.include=["none","**"]']],
  ['a run inside a run', Buffer.concat([open(), delta(1), open(), delta(1), delta(1)])],
]
for (const [what, stream, set = []] of bad) {
  strangers(`steers no terminal where it is ${what}`, async () => {
    for (const json of [[], ['--json']]) {
      const ended = await thalweg(['run', lines, ...set, ...json], stream)
      assert.ok(ended.stderr.length > 40, ended.stderr)
      clean(what, ended)
    }
    clean(what, await thalweg(['inspect'], stream))
  })
}

strangers('is escaped in what a handler answers', async () => {
  const fetch = edge(memoryStore(), {}, { block: 8 })
  const { status, text } = await post(fetch, 'a', 0, good)
  assert.is(status, 200)
  assert.is(text.match(steering), null)
  assert.is(JSON.parse(text.split('\n')[0]!).run, `${evil}run`)
  const refused = await post(fetch, 'b', 0, Buffer.concat([open(), frame(evil)]))
  assert.is(refused.status, 422)
  assert.is(refused.text.match(steering), null)
})

strangers('comes back from JSON as it was', () => {
  const value = { [evil]: [evil, 1, null, { a: evil }] }
  assert.equal(JSON.parse(plain(JSON.stringify(value))), value)
  assert.is(plain('é 損失 🙂 \\u001b'), 'é 損失 🙂 \\u001b')
  assert.is(plain(plain(evil)), plain(evil))
  assert.is(quoted('a\nb'), '"a\\nb"')
  assert.equal(plainValue({ 'a\x1b': ['\u202e', 1, null, true] }), {
    'a\\u001b': ['\\u202e', 1, null, true],
  })
})

strangers.run()
