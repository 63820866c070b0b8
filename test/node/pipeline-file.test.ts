import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ThalwegError } from '../../src/error.ts'
import { placedText, readPipeline } from '../../src/node/pipeline-file.ts'
import { registry as shipped } from '../../src/node/registry.ts'
import { parseSetting } from '../../src/node/set.ts'
import { shippedPipelines } from '../../src/node/shipped.ts'
import { integer } from '../../src/spec/fields.ts'
import { defineStage } from '../../src/stage/define.ts'
import { stream } from '../support/stream.ts'

const files = suite('pipeline files')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
files.after(() => rmSync(folder, { recursive: true }))

const stage = defineStage({
  type: 'trace',
  summary: 'A stage for this test.',
  asks: 'Is it found?',
  figures: {},
  alerts: { any: { level: 'info', means: 'It may come.' } },
  says: () => [],
  options: { rank: integer({ description: 'kept', min: 1, default: 4 }) },
  check: ({ rank }, { block }) =>
    rank > block
      ? [
          {
            path: ['rank'],
            level: 'error',
            code: 'E_RANK',
            message: `rank ${rank} exceeds block ${block}.`,
          },
        ]
      : [],
  plan: () => ({ header: 0, perTile: 0, scratch: 0 }),
  start: () => {
    throw new Error('not run here')
  },
})
const registry = { ...shipped, stages: [stage()] }

async function lines(text: string, ...settings: string[]): Promise<string[]> {
  const file = join(folder, 'p.json')
  writeFileSync(file, text)
  const { problems } = await readPipeline(file, settings.map(parseSetting), registry)
  return problems.map((problem) => placedText(file, problem).replace(file, ''))
}

async function refused(promise: Promise<unknown>): Promise<ThalwegError> {
  const error = await promise.then(
    () => undefined,
    (thrown) => thrown
  )
  assert.instance(error, ThalwegError)
  return error
}

files('have every problem named with line and column, in order', async () => {
  const text = `{
  "name": "x",
  "blok": 8,
  "stages": [
    { "type": "trace", "rnak": 3, "rank": 0 },
    { "type": "trcae" }
  ],
  "sinks": [{ "type": "ndjson", "path": 3 }],
  "rank": 3
}`
  assert.equal(await lines(text), [
    ':3:3 error blok: unknown key "blok". Did you mean "block"?',
    ':5:24 error stages[0].rnak: unknown key "rnak". Did you mean "rank"?',
    ':5:43 error stages[0].rank: 0 is not an integer of at least 1.',
    ':6:15 error stages[1].type: unknown type "trcae". Did you mean "trace"?',
    ':8:41 error sinks[0].path: 3 is not a string.',
    ':9:3 error rank: unknown key "rank". It belongs one level down, to "trace".',
  ])
})

files('have problems of several options together named where they stand', async () => {
  const text = `{ "block": 2, "stages": [
  { "type": "trace", "on": "later" },
  { "type": "trace", "rank": 1, "block": 3 },
  { "type": "trace", "rank": 1, "id": "later", "per": "group" }
], "select": { "from": 10, "to": 5 } }`
  assert.equal(await lines(text), [
    ':2:3 error stages[0].rank: rank 4 exceeds block 2.',
    ':2:28 error stages[0].on: stage "later" does not come before this one. Stages run in order: move it up.',
    ':3:3 error stages[1]: id "trace" is taken by stages[0]. Give this stage an "id".',
    ':3:33 error stages[1].block: unknown key "block". It belongs one level up, at the top.',
    ':4:55 error stages[2].per: "group" needs groups, but the pipeline has none. Add "groups".',
    ':5:34 error select.to: step 5 lies before "from", 10: nothing is selected. Raise "to" or lower "from".',
  ])
})

files('have stages whose names no other summaries bear', async () => {
  assert.match(
    (await lines('{ "stages": [{ "type": "trace", "id": "run" }] }'))[0]!,
    /^:1:39 error .*"run"/
  )
})

files('that are not JSON are refused where they cease to be', async () => {
  assert.match((await lines('{\n  "name": "x",\n}'))[0]!, ':3:1 error this is not JSON')
  assert.match((await lines('{ "name": // no\n "x" }'))[0]!, ':1:11 error this is not JSON')
  assert.equal(await lines(''), [':1:1 error this is not JSON: value expected.'])
  assert.equal(await lines('{ "stages": ['), [
    ':1:14 error this is not JSON: close bracket expected.',
    ':1:14 error this is not JSON: close brace expected.',
  ])
  assert.equal(await lines('[]'), [':1:1 error a list is not an object.'])
})

files('with a comma or a comment too many are checked all the same', async () => {
  const text = `{
    // mine
    "block": 16, "stages": [{ "type": "trace", "rnk": 8, },],
    "blok": 3,
  }`
  assert.equal(
    (await lines(text)).map((line) => /^:\d+:\d+ error (.{18})/.exec(line)![1]),
    [
      'this is not JSON: ',
      'stages[0].rnk: unk',
      'this is not JSON: ',
      'this is not JSON: ',
      'blok: unknown key ',
      'this is not JSON: ',
    ]
  )
  assert.match((await lines(text))[0]!, 'it has no comments')
  assert.match((await lines(text))[2]!, 'error this is not JSON: there is a comma too many')
  assert.equal((await lines('{ "blok": 3, "x": }')).length, 1)
})

files('name the alerts that there are', async () => {
  const named = (alerts: object) => lines(JSON.stringify({ alerts }))
  assert.equal(await named({ 'health/drift': 'off', 'run/truncated': 'info' }), [])
  assert.match(
    (await named({ 'health/drif': 'off' }))[0]!,
    /error .*"health\/drif".*mean "health\/drift"/
  )
  assert.match((await named({ 'helth/drift': 'off' }))[0]!, /error .*mean "health\/drift"/)
  assert.match((await named({ 'run/sunk': 'off' }))[0]!, /error .*Known: .*"run\/failed", /)
  assert.match(
    (await named({ 'stranger/odd': 'off' }))[0]!,
    / warn alerts\["stranger\/odd"\]: no alert/
  )
})

files('name what is wrong with rules, where it stands', async () => {
  const text = `{ "alerts": [
  { "id": "health/drif", "level": "off" },
  { "id": "mine", "when": "health.updateRato > 1" },
  { "id": "mine", "when": "health.updateRatio > 1 and" }
] }`
  const [drift, name, taken, rest] = await lines(text)
  assert.match(drift!, /:2:\d+ error alerts\[0\]\.id: .*mean "health\/drift"/)
  assert.match(name!, /:3:\d+ error alerts\[1\]\.when: at character 1: .*mean "updateRatio"/)
  assert.match(taken!, /:4:\d+ error alerts\[2\]\.id: "mine" is the id of an earlier rule/)
  assert.match(rest!, /:4:\d+ error alerts\[2\]\.when: at character 27: expected a figure/)
  const perTensor = [
    { type: 'trace', id: 'each', per: 'tensor' },
    { type: 'trace', id: 'group', per: 'group' },
  ]
  const alerts = [{ id: 'x', when: 'each.captured > group.captured' }]
  const groups = { head: ['**'] }
  assert.match(
    (await lines(JSON.stringify({ stages: perTensor, groups, alerts }))).join('\n'),
    '"each" has figures per tensor, "group" per group'
  )
})

files('warn of groups that no stage asks for', async () => {
  const groups = { head: ['dense.*'] }
  assert.match(
    (await lines(JSON.stringify({ groups })))[0]!,
    / warn groups: no stage has "per": "group"/
  )
  const stages = [{ type: 'trace', per: 'group' }]
  assert.equal(await lines(JSON.stringify({ groups, stages })), [])
})

files('that are streams are named as such, unread', async () => {
  const file = join(folder, 'run.thalweg')
  writeFileSync(file, stream({ steps: 3 }))
  const { code, message } = await refused(readPipeline(file, [], registry))
  assert.is(code, 'E_CONFIG')
  assert.match(message, `looks like a stream. Give it as --input ${file}`)
})

files('name all keys that there are where an unknown one is like none', async () => {
  assert.match(
    (await lines('{ "foobar": 1 }'))[0]!,
    'Known here: source, stages, sinks, $schema, name, '
  )
})

files('have no key twice', async () => {
  assert.equal(await lines('{ "block": 1,\n "block": 2 }'), [
    ':2:2 error block: key "block" is there twice.',
  ])
})

files('are overlaid by the command line', async () => {
  const text = '{ "stages": [{ "type": "trace" }, { "type": "trace", "id": "two" }] }'
  assert.equal(await lines(text, 'stages.two.rank=3', 'memory.max=2000000', 'name=plain'), [])
  assert.equal(await lines(text, 'stages.trace.rank="x"', 'stages[1].id=trace'), [
    '--set error stages[0].rank: "x" is not an integer of at least 1.',
    ':1:35 error stages[1]: id "trace" is taken by stages[0]. Give this stage an "id".',
  ])
  assert.equal(await lines(text, 'stages[2]={"type":"trace","id":"three"}'), [])
  for (const wrong of ['stages.three.rank=1', 'stages[3].rank=1', 'stages.two.rank[0]=1', 'rank']) {
    assert.is((await refused(lines(text, wrong))).code, 'E_USAGE', wrong)
  }
})

files('that ship are found by bare name', async () => {
  assert.ok(shippedPipelines().includes('default'))
  const misspelt = await refused(readPipeline('defualt', [], registry))
  assert.match(misspelt.message, 'Did you mean "default"?')
  assert.is((await refused(readPipeline('./no.json', [], registry))).exitCode, 66)
})

files.run()
