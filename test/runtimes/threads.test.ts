import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bundledCommandLine } from '../support/bundled.ts'
import { recording } from './programs.ts'
import { here, runtimes } from './runtimes.ts'

const threads = suite('shards in threads, anywhere')

let program: string
threads.before(async () => {
  program = await bundledCommandLine()
  const stages = [{ type: 'svd' }, { type: 'cmd', warmup: 24 }, { type: 'ftle' }]
  writeFileSync(join(program, 'pipeline.json'), JSON.stringify({ shards: 3, stages }))
})
threads.after(() => rmSync(program, { recursive: true }))

/** What a runtime says of the recording, but for the facts of the run. */
async function said([path, ...options]: readonly string[], inThreads: boolean): Promise<string> {
  const pipeline = join(program, 'pipeline.json')
  const set = `threads=${inThreads}`
  const args = ['run', pipeline, '--input', recording, '--set', set, '--quiet']
  const { stdout } = await promisify(execFile)(path!, [
    ...options,
    join(program, 'main.js'),
    ...args,
  ])
  return stdout.replace(/,"environment":\{[^}]*\}/, '')
}

let expected: string
threads(`${here.name}: the bytes of one thread`, async () => {
  expected = await said(here.start!, false)
  assert.match(expected, '"end":"closed"')
  assert.is(await said(here.start!, true), expected)
})

for (const { name, missing, start } of runtimes) {
  if (!start) continue
  const test = missing ? threads.skip : threads
  test(missing ? `${name} (skipped: ${missing})` : `${name}: the same bytes`, async () => {
    assert.is(await said(start, true), expected)
  })
}

threads.run()
