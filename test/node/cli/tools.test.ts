// Commands that work on pipelines and stages: graph, test, create, complete.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { helpOf } from '../../../src/node/cli/command.ts'
import { allCommands } from '../../../src/node/cli/commands.ts'
import { stream } from '../../support/stream.ts'
import { thalweg } from '../../support/thalweg.ts'

const tools = suite('commands for pipelines and stages')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
tools.after(() => rmSync(folder, { recursive: true }))

const file = (name: string, content: object): string => {
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(content))
  return path
}

tools('every help has examples', async () => {
  for (const command of await allCommands()) {
    assert.match(helpOf(command), `Examples:\n  `, command.name)
  }
})

tools('graph shows what reads what', async () => {
  const path = file('graph.json', {
    source: { type: 'file', path: 'a"b.thalweg' },
    stages: [
      { type: 'svd', id: 'positions', of: 'positions', rank: 4 },
      { type: 'koopman', on: 'positions' },
    ],
    sinks: [{ type: 'table' }],
  })
  const { stdout, code } = await thalweg(['graph', path])
  assert.is(code, 0)
  assert.match(stdout, /^flowchart LR\n {2}source\[\/"file<br>a#34;b\.thalweg"\/\]\n/)
  assert.match(stdout, 'stage1["positions<br>svd"]')
  assert.match(stdout, /stage1 -- "\w+" --> stage2/)
  assert.match(stdout, 'stage2 --> sink0')
  assert.match((await thalweg(['graph'])).stdout, 'source[/"stdin"/]')
})

tools('test says which cases hold, and why the others do not', async () => {
  writeFileSync(join(folder, 'run.msgpack'), stream({ steps: 40 }))
  file('my.json', { stages: [{ type: 'svd', rank: 2, per: 'tensor' }] })
  const source = { type: 'file', path: 'run.msgpack' }
  const good = {
    name: 'few directions',
    source,
    expect: ['svd.captured > 0.9'],
    never: ['run/failed'],
  }
  const cases = join(folder, 'my.test.json')
  file('my.test.json', { pipeline: './my.json', cases: [good] })
  const passed = await thalweg(['test', join(folder, 'my.json')])
  assert.equal(
    [passed.code, passed.stdout],
    [0, `ok ${cases}: few directions\n1 case passed, 0 failed\n`]
  )
  const bad = {
    name: 'too much',
    source,
    expect: ['svd.captured > 2', 'health.driftAtAnchor > 0', 'run.end == "closed"'],
    raises: ['run/truncated'],
  }
  file('my.test.json', { pipeline: './my.json', cases: [good, bad] })
  const failed = await thalweg(['test', cases])
  assert.is(failed.code, 4)
  assert.match(failed.stdout, `FAILED ${cases}: too much\n  alert run/truncated did not come.`)
  assert.match(failed.stdout, /svd\.captured > 2 does not hold in \S+: svd\.captured is \d/)
  assert.match(
    failed.stdout,
    'health.driftAtAnchor > 0 is not known: health.driftAtAnchor is not known.'
  )
  assert.not.match(failed.stdout, 'run.end ==')
  assert.match(failed.stdout, '1 case passed, 1 failed')
  const { cases: results } = JSON.parse((await thalweg(['test', cases, '--json'])).stdout)
  assert.ok(results[1].failures.length >= 3)
})

tools('test says what is wrong with cases', async () => {
  const wrong = async (content: object) => {
    const { stderr, code } = await thalweg(['test', file('wrong.test.json', content)])
    assert.is(code, 78)
    return stderr
  }
  const source = { type: 'file', path: 'run.msgpack' }
  const one = { name: 'x', source, expect: ['svd.captred > 1'] }
  assert.match(
    await wrong({ pipeline: './my.json', cases: [one] }),
    /cases\[0\]\.expect\[0\]: at character 1: .*"captured"/
  )
  assert.match(
    await wrong({ pipeline: './my.json', cases: [{ name: 'x' }] }),
    /cases\[0\]\.source: is not an object with a "type"/
  )
  assert.match(
    await wrong({ pipeline: './my.json', cases: [{ ...one, expects: [] }] }),
    'Did you mean "expect"?'
  )
  assert.match(await wrong({ cases: [] }), 'pipeline: is missing')
  assert.match(
    (await thalweg(['test', file('bare.json', {})])).stderr,
    'has no cases. Write them to'
  )
})

tools('create makes a stage that passes its test and runs', async () => {
  const home = join(folder, 'own')
  mkdirSync(join(home, 'node_modules'), { recursive: true })
  symlinkSync(resolve('.'), join(home, 'node_modules/thalweg'))
  const main = resolve('dist/node/cli/main.js')
  const here = (args: string[], input?: Uint8Array) =>
    spawnSync(process.execPath, args, { cwd: home, encoding: 'utf8', input })
  const made = here([main, 'create', 'stage', 'my-drift', '--out', 'stages'])
  assert.is(made.status, 0, made.stderr)
  assert.equal(readdirSync(join(home, 'stages')).sort(), [
    'my-drift.js',
    'my-drift.json',
    'my-drift.test.js',
  ])
  const tested = here(['--test', 'stages/my-drift.test.js'])
  assert.is(tested.status, 0, tested.stdout)
  assert.match(tested.stdout, 'my-drift keeps all that a stage promises')
  const ran = here([main, 'run', 'stages/my-drift.json', '--quiet'], stream({ steps: 20 }))
  assert.is(ran.status, 0, ran.stderr)
  assert.match(ran.stdout, '"type":"my-drift"')
  assert.match(
    here([main, 'create', 'stage', 'my-drift', '--out', 'stages']).stderr,
    'exists already'
  )
  assert.match(here([main, 'create', 'stage', 'My Drift']).stderr, 'cannot be a type')
  assert.match(here([main, 'create', 'sink', 'x']).stderr, 'write what to make')
})

tools('complete offers commands, options, their values, and names', async () => {
  const offered = async (...line: string[]) =>
    (await thalweg(['complete', '--', ...line])).stdout
      .split('\n')
      .map((text) => text.split('\t')[0])
  assert.ok((await offered('re')).includes('replay'))
  assert.ok((await offered('run', '--fail')).includes('--fail-on'))
  assert.ok((await offered('run', '--fail-on', '')).includes('error'))
  assert.ok((await offered('run', '')).includes('default'))
  assert.ok((await offered('replay', '')).includes('csv'))
  assert.ok((await offered('run', '--help')).length > 0)
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout, code } = await thalweg(['complete', shell])
    assert.is(code, 0)
    assert.match(stdout, 'thalweg complete --')
  }
  assert.is((await thalweg(['complete', 'csh'])).code, 2)
})

tools.run()
