import { execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ThalwegError } from '../../src/error.ts'
import { checkpointFile } from '../../src/node/checkpoint-file.ts'
import { stream, walk } from '../support/stream.ts'
import { ended, says, start, thalweg } from '../support/thalweg.ts'

const checkpoint = suite('a checkpoint')

let folder: string
checkpoint.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
})
checkpoint.after.each(() => rmSync(folder, { recursive: true }))

const path = () => join(folder, 'run.state')
const bytes = Uint8Array.from({ length: 3000 }, (_, i) => i)

async function loaded(): Promise<Uint8Array> {
  const store = checkpointFile(path())
  const chunks: Uint8Array[] = []
  for await (const chunk of (await store.load())!) chunks.push(chunk)
  store.dispose()
  return Buffer.concat(chunks)
}

/** What keeps a checkpoint from being opened. */
function refusal(at = path()): string {
  try {
    checkpointFile(at).dispose()
  } catch (error) {
    assert.is((error as ThalwegError).code, 'E_OUTPUT')
    return (error as Error).message
  }
  return ''
}

checkpoint('is whole or the last one, and leaves nothing beside it', async () => {
  const store = checkpointFile(path())
  assert.is(await store.load(), undefined)
  await store.save([bytes.subarray(0, 1000), bytes.subarray(1000)])
  const failing = (function* () {
    yield bytes.subarray(0, 10)
    throw new Error('no more')
  })()
  try {
    await store.save(failing)
    assert.unreachable()
  } catch (error) {
    assert.match((error as Error).message, 'no more')
  }
  store.dispose()
  assert.equal(readdirSync(folder), ['run.state'])
  assert.equal(new Uint8Array(await loaded()), bytes)
})

checkpoint('is written to no place that a link points to', async () => {
  const victim = join(folder, 'victim')
  writeFileSync(victim, 'precious')
  for (const name of ['run.state', 'run.state.partial', 'run.state.lock']) {
    const link = join(folder, name)
    symlinkSync(victim, link)
    if (name.endsWith('.lock')) {
      // Whose it is nobody can tell: it is not followed, and not overwritten.
      writeFileSync(victim, '{"host":"elsewhere","pid":1}')
      assert.match(refusal(), 'process 1 on elsewhere')
      writeFileSync(victim, 'precious')
      rmSync(link)
    }
  }
  const store = checkpointFile(path())
  await store.save([bytes])
  store.dispose()
  assert.is(readFileSync(victim, 'utf8'), 'precious')
  assert.ok(lstatSync(path()).isFile())
  assert.equal(new Uint8Array(await loaded()), bytes)
})

checkpoint('is refused where no file can be', () => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  mkdirSync(join(folder, 'folder'))
  assert.match(refusal(pipe), 'a pipe or a device')
  assert.match(refusal('/dev/null'), 'a pipe or a device')
  assert.match(refusal(join(folder, 'folder')), 'a folder')
  assert.match(refusal(join(folder, 'none', 'state')), 'ENOENT')
  assert.ok(lstatSync('/dev/null').isCharacterDevice())
})

checkpoint('removes what a process that was killed has left of its own', () => {
  const left = [`run.state.${'a0'.repeat(8)}.partial`]
  const others = ['run.state.old', 'run.state.partial', 'run.state.1.partial', 'other.partial']
  for (const name of [...left, ...others]) writeFileSync(join(folder, name), '')
  checkpointFile(path()).dispose()
  assert.equal(readdirSync(folder).sort(), others.sort())
})

const lock = () => `${path()}.lock`
const holder = (changes: object) =>
  writeFileSync(lock(), JSON.stringify({ host: hostname(), pid: process.pid, ...changes }))

checkpoint('belongs to one process at a time', () => {
  const store = checkpointFile(path())
  assert.match(refusal(), `process ${process.pid} on ${hostname()} is at work with it`)
  store.dispose()
  store.dispose()
  assert.is(refusal(), '')
  assert.not(existsSync(lock()))
})

checkpoint('is taken over from a process that has died', () => {
  const { pid } = JSON.parse(
    execFileSync(process.execPath, ['-p', 'JSON.stringify({ pid: process.pid })'], {
      encoding: 'utf8',
    })
  ) as { pid: number }
  holder({ pid })
  assert.is(refusal(), '')
  // Another process has its number by now.
  holder({ began: 'another boot 17' })
  assert.is(refusal(), process.platform === 'linux' ? '' : refusal())
  holder({})
  assert.match(refusal(), 'is at work with it')
})

checkpoint('is taken over from another machine after long silence alone', () => {
  holder({ host: 'elsewhere' })
  assert.match(refusal(), 'on elsewhere is at work with it')
  const past = new Date(Date.now() - 400_000)
  utimesSync(lock(), past, past)
  assert.is(refusal(), '')
})

checkpoint('is taken by one of many that find it left over', async () => {
  const program = `
    import { checkpointFile } from ${JSON.stringify(new URL('../../src/node/checkpoint-file.ts', import.meta.url).href)}
    try { checkpointFile(process.argv[1]); console.log('mine') } catch { console.log('no') }
    process.stdin.resume()
  `
  holder({ pid: 2 ** 22 + 1 })
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, path()])
  )
  const answers = await Promise.all(children.map((child) => says(child as never, 'stdout', /\n/)))
  for (const child of children) child.kill('SIGKILL')
  assert.is(answers.filter((answer) => answer.includes('mine')).length, 1)
})

checkpoint('of a run refuses a second run, and its own lock as a sink', async () => {
  const pipeline = join(folder, 'plain.json')
  writeFileSync(pipeline, JSON.stringify({ checkpoint: { path: path() } }))
  const first = start(['run', pipeline])
  const result = ended(first)
  for (const each of walk({ steps: 20, close: false })) first.stdin.write(each)
  await says(first, 'stderr', /step 20/)
  const second = await thalweg(['run', pipeline], stream({ steps: 3 }))
  assert.is(second.code, 74)
  assert.match(second.stderr, /process \d+ on .* is at work with it/)
  first.stdin.end()
  assert.is((await result).code, 0)
  assert.is((await thalweg(['run', pipeline, '--quiet'], stream({ steps: 3 }))).code, 0)
  const sinks = `sinks=[{"type":"ndjson","path":"${lock()}"}]`
  assert.is((await thalweg(['run', pipeline, '--set', sinks], stream({ steps: 3 }))).code, 78)
})

checkpoint.run()
