// Asked by the SDK's own client, over a process of its own.
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { summaryLine } from '../../src/engine/summary.ts'
import { everyKind, everyValue } from '../../src/testing/every-kind.ts'
import { blocks, endAt, hostile, summary, type } from '../support/stored.ts'
import { thalweg } from '../support/thalweg.ts'

const mcp = suite('thalweg mcp')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
const file = join(folder, 'run.ndjson')
const other = join(folder, 'other.ndjson')
const linesOf = (...summaries: Parameters<typeof summaryLine>[0][]): string =>
  summaries.map((own) => `${summaryLine(own)}\n`).join('')
writeFileSync(file, linesOf(...blocks.flatMap(({ summaries }) => summaries)))
writeFileSync(other, linesOf(summary(5), summary(7, { run: hostile }), endAt(8)))
// The stage is none that ships: the server learns of it by the pipeline that uses it.
const uses = resolve('dist/testing/index.js')
writeFileSync(join(folder, 'own.js'), `export { everyKind } from ${JSON.stringify(uses)}\n`)
const pipeline = join(folder, 'own.json')
writeFileSync(pipeline, JSON.stringify({ use: [join(folder, 'own.js')], stages: [{ type }] }))

const client = new Client({ name: 'test', version: '1' })
mcp.before(async () => {
  const args = ['dist/node/cli/main.js', 'mcp', file, other, '--pipeline', pipeline]
  await client.connect(new StdioClientTransport({ command: process.execPath, args }))
})
mcp.after(async () => {
  await client.close()
  rmSync(folder, { recursive: true })
})

interface Answered {
  readonly text: string
  readonly isError: boolean
}

async function ask(name: string, args: Record<string, unknown> = {}): Promise<Answered> {
  const { content, isError = false } = await client.callTool({ name, arguments: args })
  const [{ text }] = content as [{ text: string }]
  return { text, isError: isError as boolean }
}

// biome-ignore lint/suspicious/noExplicitAny: what it holds is what is tested
async function answer(name: string, args: Record<string, unknown> = {}): Promise<any> {
  const { text, isError } = await ask(name, args)
  assert.not(isError, text)
  return JSON.parse(text)
}

mcp('offers four tools that only read', async () => {
  const { tools } = await client.listTools()
  assert.equal(
    tools.map(({ name }) => name),
    ['list_runs', 'sentences', 'figures', 'alerts']
  )
  for (const { annotations, inputSchema } of tools) {
    assert.is(annotations!.readOnlyHint, true)
    assert.is(inputSchema.additionalProperties, false)
  }
  assert.equal(tools[2]!.inputSchema.required, ['run', 'stage'])
  assert.match(client.getInstructions()!, 'never instructions')
})

mcp('lists the runs, those of one name apart', async () => {
  const { runs, runsInAll } = await answer('list_runs')
  assert.is(runsInAll, 3)
  const [first, second] = runs
  assert.equal([first.run, first.file, first.step, first.end], ['r', file, 30, 'closed'])
  assert.equal([second.run, second.file, second.from, second.end], ['r#2', other, 5, 'closed'])
  assert.is(runs[2].end, 'running')
  assert.equal(first.alerts, { info: 0, warn: 1, error: 0 })
  const stage = first.stages.find((own: { stage: string }) => own.stage === type)
  assert.is(stage.asks, everyKind.definition.asks)
  assert.is(stage.scopesInAll, 2)
  assert.ok(first.metrics.includes('loss'))
})

mcp('says sentences with their levels, what is grave first', async () => {
  const { says, end, step, sentences } = await answer('sentences', { run: 'r' })
  assert.is(says, undefined)
  assert.equal([end, step], ['closed', 30])
  assert.equal([sentences[0].level, sentences[0].stage], ['warn', type])
  assert.is(sentences[0].text, 'The ratio is 0.674, as it always is.')
  const grave = await answer('sentences', { run: 'r', level: 'warn' })
  assert.ok(grave.sentences.length > 0)
  assert.ok(grave.sentences.every(({ level }: { level: string }) => level !== 'info'))
})

mcp('gives the figures around a step with what is declared of them', async () => {
  const asked = { run: 'r', stage: type, step: 12, count: 2, figures: ['ratio', 'values'] }
  const { declared, summaries } = await answer('figures', asked)
  assert.equal(declared.ratio, { ...everyKind.definition.figures.ratio })
  assert.equal(
    summaries.map(({ step }: { step: number }) => step),
    [10, 20]
  )
  assert.equal(summaries[0].values, { ratio: null, values: null, why: 'too early' })
  assert.equal(summaries[0].alerts, [`${type}/seen`])
  assert.is(summaries[1].values.ratio, everyValue.ratio)
  const last = await answer('figures', { run: 'r', stage: 'metrics', count: 1 })
  assert.equal([last.summaries[0].step, last.summaries[0].values.loss], [30, 0.5])
  const all = await answer('figures', { run: 'r', stage: type, count: 1 })
  for (const [name, figure] of Object.entries(everyKind.definition.figures)) {
    assert.is(name in all.summaries[0].values, !('when' in figure), name)
  }
})

mcp('gives each alert once', async () => {
  const { alerts, inAll } = await answer('alerts', { run: 'r' })
  assert.is(inAll, 1)
  const alert = { id: `${type}/seen`, level: 'warn', count: 1, step: 10, message: 'here it is' }
  assert.equal(alerts, [alert])
  assert.equal((await answer('alerts', { run: 'r', level: 'error' })).alerts, [])
})

mcp('says what is wrong with a question, and answers the next', async () => {
  for (const [name, args, message] of [
    ['figures', { run: 'r', stage: 'every' }, /no stage is called "every".+every-kind.+E_USAGE/],
    ['figures', { run: 'r', stage: type, figures: ['ratios'] }, /Did you mean "ratio"\?/],
    ['figures', { run: 'r', stage: type, scope: 'tensor:x' }, /no scope is called "tensor:x"/],
    ['figures', { run: 'r', stage: type, count: 1000 }, /1000 is not an integer from 1 to 32/],
    ['figures', { run: 'r', stage: type, step: -1 }, /-1 is not an integer of at least 0/],
    ['sentences', {}, /run: is missing/],
    ['sentences', { run: 'nobody' }, /no run is called "nobody".+r/],
    ['sentences', { run: 'r', path: '/etc/passwd' }, /unknown key "path"/],
    ['alerts', { run: ['r'] }, /a list is not a string/],
    ['delete', {}, /no tool is called "delete"/],
  ] as const) {
    const { text, isError } = await ask(name, args)
    assert.ok(isError, text)
    assert.match(text, message)
  }
  assert.is((await answer('list_runs')).runsInAll, 3)
})

mcp('sees what is written while it answers, and answers in bounds', async () => {
  const long = Array.from({ length: 500 }, (_, i) => [`m${i}`, i] as const)
  const metrics = Array.from({ length: 40 }, (_, i) =>
    summary(100 + i, {
      run: 'long',
      stage: 'metrics',
      type: 'metrics',
      values: Object.fromEntries(long),
    })
  )
  const scopes = Array.from({ length: 300 }, (_, i) =>
    summary(200, { run: 'long', scope: `tensor:${i}` })
  )
  appendFileSync(other, linesOf(...metrics, ...scopes))
  const { runs } = await answer('list_runs')
  const own = runs.find(({ run }: { run: string }) => run === 'long')
  assert.is(own.metrics.length, 64)
  assert.is(own.stages.find(({ stage }: { stage: string }) => stage === type).scopesInAll, 300)
  const { sentences } = await answer('sentences', { run: 'long' })
  assert.ok(sentences.length > 0 && sentences.length <= 100)
  const { text, isError } = await ask('figures', { run: 'long', stage: 'metrics', count: 32 })
  assert.ok(isError && text.length < 2000, text.slice(0, 200))
  assert.match(text, 'Name some of them in "figures"')
  const few = await answer('figures', { run: 'long', stage: 'metrics', count: 32, figures: ['m3'] })
  assert.is(few.summaries.length, 32)
})

mcp('lets no name of a stranger steer a terminal', async () => {
  const { text } = await ask('list_runs')
  assert.not.match(text, /\p{Cc}|\p{Bidi_Control}/u)
})

mcp('says what it cannot serve', async () => {
  const none = await thalweg(['mcp'])
  assert.equal([none.code, /Standard input/.test(none.stderr)], [2, true])
  const absent = await thalweg(['mcp', join(folder, 'absent.ndjson')])
  assert.is(absent.code, 66)
  assert.match(absent.stderr, /cannot be read: ENOENT.+\[E_INPUT\]/)
})

mcp('says how to get the SDK where it is not installed', async () => {
  const { spawnSync } = await import('node:child_process')
  const home = join(folder, 'bare')
  const modules = join(home, 'node_modules')
  const { cpSync, mkdirSync } = await import('node:fs')
  mkdirSync(modules, { recursive: true })
  // All packages that are needed, and the SDK is none of them.
  for (const name of readdirSync('node_modules')) {
    if (!name.startsWith('.') && name !== '@modelcontextprotocol') {
      symlinkSync(resolve('node_modules', name), join(modules, name))
    }
  }
  cpSync('dist', join(home, 'dist'), { recursive: true })
  cpSync('package.json', join(home, 'package.json'))
  const { status, stderr } = spawnSync(process.execPath, ['dist/node/cli/main.js', 'mcp', file], {
    cwd: home,
    encoding: 'utf8',
    input: '',
  })
  assert.is(status, 1)
  assert.match(
    stderr,
    /package @modelcontextprotocol\/sdk is not installed.+npm install @modelcontextprotocol\/sdk.+\[E_PEER\]/s
  )
})

mcp('answers what was asked before the input ended', async () => {
  const params = {
    protocolVersion: '2025-03-26',
    capabilities: {},
    clientInfo: { name: 'a', version: '1' },
  }
  const asked = [
    { id: 1, method: 'initialize', params },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/call', params: { name: 'list_runs', arguments: {} } },
  ].map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const { stdout } = await thalweg(['mcp', file, '--pipeline', pipeline], asked.join(''))
  const ids = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).id)
  assert.equal(ids, [1, 2])
})

mcp.run()
