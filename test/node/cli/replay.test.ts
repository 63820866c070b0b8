import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stream } from '../../support/stream.ts'
import { thalweg } from '../../support/thalweg.ts'

const replay = suite('thalweg replay')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
replay.after(() => rmSync(folder, { recursive: true }))

const pipeline = join(folder, 'p.json')
const stored = join(folder, 'run.ndjson')
const sinks = [{ type: 'ndjson', path: stored }, { type: 'table' }]
writeFileSync(pipeline, JSON.stringify({ stages: [{ type: 'svd', rank: 2 }], sinks }))
const run = await thalweg(['run', pipeline, '--quiet'], stream({ steps: 40 }))
const text = readFileSync(stored, 'utf8')

replay('gives a sink what the run gave it', async () => {
  const again = await thalweg(['replay', 'table', stored])
  assert.is(again.code, 0)
  assert.is(again.stderr, run.stderr)
  assert.match(again.stderr, 'svd')
  const piped = await thalweg(['replay', 'ndjson', '-'], Buffer.from(text))
  assert.is(piped.stdout, text)
})

replay('takes several files, one run after another', async () => {
  const { stdout, code } = await thalweg(['replay', 'ndjson', stored, stored, '--set', 'path=-'])
  assert.is(code, 78) // one file twice is a slip
  assert.is(stdout, '')
  const other = join(folder, 'other.ndjson')
  writeFileSync(other, text)
  const both = await thalweg(['replay', 'ndjson', stored, other])
  assert.is(both.stdout, text.repeat(2))
})

replay('says what it cannot do', async () => {
  const said = async (...args: string[]) => (await thalweg(['replay', ...args])).stderr
  assert.match(await said('tabel', stored), 'no sink is called "tabel". Did you mean "table"?')
  assert.match(await said('ndjson', stored, '--set', 'pth=x'), 'Did you mean "path"?')
  assert.match(await said('ndjson', stored, '--set', `path=${stored}`), 'would be emptied')
  assert.match(await said('table', join(folder, 'none')), 'E_INPUT')
  assert.match(await said('table', pipeline), 'line 1: it is not of schema')
})

replay.run()
