import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { delta, frame, openFrame, stream } from '../../support/stream.ts'
import { ended, lines, start, thalweg } from '../../support/thalweg.ts'

const commands = suite('the other commands')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
commands.after(() => rmSync(folder, { recursive: true }))

const recording = join(folder, 'stream.msgpack')
writeFileSync(recording, stream({ steps: 5, members: 2 }))

commands('print help, for all and for each', async () => {
  const overview = await thalweg(['--help'])
  assert.is(overview.code, 0)
  for (const name of ['run', 'train', 'demo', 'inspect', 'lint', 'list', 'schema', 'doctor']) {
    assert.match(overview.stdout, new RegExp(`^  ${name} `, 'm'))
  }
  for (const args of [
    ['help', 'run'],
    ['run', '--help'],
  ]) {
    assert.match((await thalweg(args)).stdout, /--fail-on info\|warn\|error/)
  }
  const bare = await thalweg([])
  assert.is(bare.code, 2)
  assert.is(bare.stdout, '')
  assert.is(bare.stderr, overview.stdout)
  assert.match((await thalweg(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)
})

commands('inspect prints one line a frame', async () => {
  const { code, stdout } = await thalweg(['inspect', recording])
  assert.is(code, 0)
  const rows = stdout.trimEnd().split('\n')
  assert.is(rows.length, 1 + 1 + 2 + 10 + 1)
  assert.match(rows[1]!, /^ +0 +\d+ {2}open +run "test", 2 tensors, 310 parameters, 2 members$/)
  assert.match(rows[4]!, / delta +1 +0 {2}base 0, 2 tensors, loss 1$/)
  assert.match(rows.at(-1)!, / close +frames 12$/)
})

commands('inspect prints payloads by form and size, not their numbers', async () => {
  const i = new Uint8Array(new Uint32Array([3, 4]).buffer)
  const v = new Uint8Array(new Float32Array([1, 2]).buffer)
  const input = Buffer.concat([
    openFrame(),
    frame('delta', {
      step: 1,
      base: 0,
      data: [
        { i, v },
        { o: 2, b: v },
      ],
    }),
    frame('delta', { step: 2, base: 1, metrics: { loss: Number.NaN }, data: [null, null] }),
  ])
  const { stdout } = await thalweg(['inspect', '--json'], input)
  const [, sparse, unchanged, end] = lines<{ data: unknown; metrics: unknown; end: string }>(stdout)
  assert.equal(sparse!.data, [
    { form: 'sparse', values: 2, bytes: 8 },
    { form: 'range', offset: 2, bytes: 8 },
  ])
  assert.equal(unchanged!.data, [null, null])
  assert.equal(unchanged!.metrics, { loss: null })
  assert.is(end!.end, 'truncated')
})

commands('inspect names what is wrong, after the frames before it', async () => {
  const input = Buffer.concat([openFrame(), delta(1, 0, 299, 0.1)])
  const table = await thalweg(['inspect'], input)
  assert.is(table.code, 65)
  assert.match(table.stdout, 'open')
  assert.match(table.stderr, /dense\.weight.*\[E_PAYLOAD\]/s)
  const json = await thalweg(['inspect', '--json'], input)
  assert.is(lines<{ code: string }>(json.stdout).at(-1)!.code, 'E_PAYLOAD')
})

commands('inspect prints no heads where there is no stream', async () => {
  const path = join(folder, 'nowhere')
  const { code, stdout, stderr } = await thalweg(['inspect', path])
  assert.is(code, 66)
  assert.is(stdout, '')
  assert.match(stderr, `file "${path}" cannot be read`)
})

commands('help keeps options and their meanings apart', async () => {
  const { stdout } = await thalweg(['train', '--help'])
  assert.match(stdout, /--optimizer sgd\|momentum\|adam\|adamw( {2,}|\n {30,})\S/)
})

commands('lint says nothing of what is right, and exits 78 for what is wrong', async () => {
  const file = join(folder, 'wrong.json')
  writeFileSync(file, '{\n  "blok": 3\n}')
  const right = await thalweg(['lint', 'default', 'layers'])
  assert.is(right.stdout, '')
  assert.is(right.code, 0)
  const wrong = await thalweg(['lint', 'default', file])
  assert.is(wrong.code, 78)
  assert.is(
    wrong.stdout,
    `${file}:2:3 error blok: unknown key "blok". Did you mean "block"? [E_CONFIG]\n`
  )
  const json = await thalweg(['lint', '--json', file])
  assert.is(json.code, 78)
  const [problem] = JSON.parse(json.stdout).problems
  assert.equal([problem.line, problem.column, problem.path], [2, 3, 'blok'])
})

commands('lint explains the bytes of a run before it is there', async () => {
  const { code, stdout } = await thalweg(['lint', '--explain', '--json', '--input', recording])
  assert.is(code, 0)
  const [explained] = JSON.parse(stdout).pipelines
  const parts = explained.memory as { part: string; bytes: number }[]
  assert.is(
    parts.reduce((sum, { bytes }) => sum + bytes, 0),
    explained.bytes
  )
  const run = await thalweg(['run', '--input', recording])
  const { values } = lines<{ values: { memory?: number } }>(run.stdout).at(-1)!
  assert.is(values.memory, explained.bytes)
  for (const wrong of [['--explain'], ['--parameters', '9'], ['--input', recording]]) {
    assert.is((await thalweg(['lint', ...wrong])).code, 2, String(wrong))
  }
  const both = ['--input', recording, '--parameters', '9']
  assert.is((await thalweg(['lint', '--explain', ...both])).code, 2)
  const set = 'stages=[{"type":"stability","look":{"every":50}}]'
  const matrices = ['lint', '--explain', '--parameters', '65536', '--set', set]
  assert.match((await thalweg(matrices)).stdout, /stability +[\d,]+ +[\d,]+ +once in 50 steps/)
  const [{ cost, looks }] = JSON.parse((await thalweg([...matrices, '--json'])).stdout).pipelines
  assert.is(looks[0].every, 50)
  assert.ok(Math.abs(cost.at(-1).flops - looks[0].flops / 50) < 1)
  const large = await thalweg(['lint', '--explain', '--parameters', '1000000000'])
  assert.is(large.code, 78)
  assert.match(large.stdout, 'does not fit "memory.max"')
  assert.match(large.stderr, 'E_MEMORY')
  assert.match(large.stderr, /These pipelines.*would run:[\s\S]*\n {2}thalweg run sketch/)
  assert.is((await thalweg(['lint'])).code, 2)
  assert.match((await thalweg(['lint'])).stderr, 'as in thalweg lint my.json')
})

commands('run names the shipped pipelines that would take a model that is too large', async () => {
  const tensors = [{ name: 'w', shape: [1e9], dtype: 'f32' }]
  const opened = frame('open', { version: 1, run: 'r', tensors })
  const { code, stderr } = await thalweg(['run', '--quiet'], opened)
  assert.is(code, 78)
  assert.match(stderr, /\n {2}thalweg run sketch/)
  const little = ['--set', 'memory.max=67108864']
  const edge = await thalweg(['run', '--quiet', ...little], opened)
  assert.match(edge.stderr, 'thalweg run sketch --set memory.max=67108864')
  const none = await thalweg(['run', '--quiet', '--set', 'memory.max=1048576'], opened)
  assert.not.match(none.stderr, 'ship with thalweg')
  // A pipeline that may do so falls to the sketch by itself.
  const whole = Buffer.concat([opened, frame('close', { frames: 0 })])
  const quick = await thalweg(['run', 'quick', '--quiet', '--set', 'sinks=[]'], whole)
  assert.is(quick.code, 0, quick.stderr)
})

commands('list shows every component with its options', async () => {
  const { components, pipelines } = JSON.parse((await thalweg(['list', '--json'])).stdout)
  const types = (components as { type: string }[]).map(({ type }) => type)
  for (const type of ['stdin', 'file', 'svd', 'cmd', 'ftle', 'health', 'ndjson', 'table']) {
    assert.ok(types.includes(type), type)
  }
  assert.ok(pipelines.includes('default'))
  assert.match(
    (await thalweg(['list'])).stdout,
    /^ {2}layers +health and directions of every tensor/m
  )
  assert.match((await thalweg(['list', 'svd'])).stdout, /rank +.*default 16/)
  assert.match((await thalweg(['list', 'sdv'])).stderr, 'Did you mean "svd"?')
})

commands('schema and doctor print JSON', async () => {
  assert.is(JSON.parse((await thalweg(['schema'])).stdout).title, 'Thalweg pipeline')
  const found = JSON.parse((await thalweg(['doctor', '--json'])).stdout)
  assert.match(found.runtime, process.versions.node)
  assert.type(found.relaxedSimd, 'boolean')
  const { stdout } = await thalweg(['doctor'])
  for (const shown of [/^ {2}runtime +node /m, /^ {2}memory +[\d.]+ GiB$/m]) {
    assert.match(stdout, shown)
  }
})

commands('doctor calls tfjs-node fine once it has loaded its native addon', async () => {
  const found = async (load: string) => {
    const hook = join(folder, 'hook.cjs')
    writeFileSync(
      hook,
      `const Module = require('node:module')
       const { _load } = Module
       Module._load = (name, ...rest) => {
         if (name === '@tensorflow/tfjs-node') { ${load} }
         return _load(name, ...rest)
       }`
    )
    const { stdout } = await ended(
      start(['doctor', '--json'], { NODE_OPTIONS: `--require=${JSON.stringify(hook)}` })
    )
    const { tfjsNode, missing } = JSON.parse(stdout)
    const advice = missing.map(({ get }: { get: string }) => get).join()
    // What does not work is not called fine in the last line either.
    assert.is(/npm rebuild @tensorflow\/tfjs-node/.test(advice), /, wh/.test(tfjsNode))
    return tfjsNode as string
  }
  const absent = 'throw new Error("The Node.js native addon module is not there")'
  assert.match(await found(absent), /^[\d.]+, which does not work: .* without its native addon/)
  assert.match(await found('process.abort()'), /addon ends the process \(SIGABRT\)$/)
  const works = 'return { setBackend: async () => true }'
  assert.match(await found(works), /^\d+\.\d+\.\d+$/)
})

commands.run()
