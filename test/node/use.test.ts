import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { registry } from '../../src/node/registry.ts'
import { parsePipeline } from '../../src/pipeline/pipeline.ts'
import { thalweg } from '../support/thalweg.ts'

const use = suite('modules in "use"')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
use.after(() => rmSync(folder, { recursive: true }))

/** A pipeline's file; paths in it are of the working directory. */
function file(pipeline: object, name = 'p.json'): string {
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(pipeline))
  return path
}

const modules = ['./test/fixtures/turns.js']
const own = {
  use: modules,
  source: { type: 'made' },
  stages: [{ type: 'turns', from: 10 }],
  sinks: [{ type: 'shout' }],
}

use('bring stages, sources and sinks of one’s own', async () => {
  const { code, stdout, stderr } = await thalweg(['run', file(own), '--quiet'])
  assert.is(code, 0, stderr)
  assert.match(stdout, 'Block 13 came.')
  assert.match(stdout, 'The run ended after 40 steps.')
})

use('are found by threads', async () => {
  const threaded = { ...own, shards: 2, threads: true, sinks: [{ type: 'ndjson', path: '-' }] }
  // Workers are started from what is built, as users have it.
  const args = ['dist/node/cli/main.js', 'run', file(threaded), '--quiet']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  assert.match(stdout, '"values":{"turns":13}')
})

use('are known to lint, list and schema', async () => {
  const path = file({ ...own, stages: [{ type: 'turns', form: 1 }] })
  const lint = await thalweg(['lint', path])
  assert.is(lint.code, 78)
  assert.match(lint.stdout, 'stages[0].form: unknown key "form". Did you mean "from"?')
  const list = await thalweg(['list', 'turns', '--pipeline', file(own)])
  assert.match(list.stdout, 'answers: How many blocks came?')
  for (const of of ['pipeline', 'summary']) {
    const schema = await thalweg(['schema', of, '--pipeline', file(own)])
    assert.ok(JSON.stringify(JSON.parse(schema.stdout)).includes('"const":"turns"'))
  }
  assert.is((await thalweg(['list', 'turns'])).code, 2)
})

use('that cannot be loaded, are none or take a type are named with their place', async () => {
  const none = join(folder, 'none.js')
  writeFileSync(none, 'export const nothing = 1\n')
  const taken = join(folder, 'taken.js')
  const definition = "{ type: 'ndjson', summary: 'X.', options: {}, open: () => ({}) }"
  const factory = `Object.assign(() => ({ definition, options: {} }), { kind: 'sink', definition })`
  writeFileSync(taken, `const definition = ${definition}\nexport const ndjson = ${factory}\n`)
  const { code, stdout } = await thalweg(['lint', file({ use: ['./no.js', none, taken] })])
  assert.is(code, 78)
  assert.match(stdout, /:1:9 error use\[0\]: the module cannot be loaded: .*no\.js/)
  assert.match(stdout, /error use\[1\]: the module exports no component/)
  assert.match(stdout, /error use\[2\]: type "ndjson" is taken by another of the sinks/)
})

use('are loaded by the command line alone', () => {
  assert.throws(
    () => parsePipeline({ use: modules }, registry),
    /use: only the command line loads modules/
  )
})

use.run()
