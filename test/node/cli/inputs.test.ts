import { execFileSync, spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bundledCommandLine } from '../../support/bundled.ts'
import { frame, openFrame, stream, walk } from '../../support/stream.ts'
import { ended, says, start as startProgram, thalweg } from '../../support/thalweg.ts'

const inputs = suite('inputs of the command line')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
inputs.after(() => rmSync(folder, { recursive: true }))

const plain = join(folder, 'plain.json')
writeFileSync(plain, '{ "block": 4, "stages": [{ "type": "svd", "rank": 2 }] }')
const recording = join(folder, 'recording')
writeFileSync(recording, stream({ steps: 30 }))

const home = await bundledCommandLine()
inputs.after(() => rmSync(home, { recursive: true }))
const program = [join(home, 'main.js')]
const start = (args: string[]) => startProgram(args, {}, program)

let pipes = 0
function pipe(): string {
  const path = join(folder, `pipe-${pipes++}`)
  execFileSync('mkfifo', [path])
  return path
}

/** The lines without what is volatile in them. */
const stable = (text: string): string => text.replace(/,"environment":\{[^}]*\}/g, '')

const whole = stable((await thalweg(['run', plain, '--quiet', '--input', recording])).stdout)
const cli = `'${process.execPath}' '${program[0]}'`

/** Runs a line of bash. */
function bash(line: string) {
  const child = spawn('bash', ['-c', line], { env: { ...process.env, NO_COLOR: '1' } })
  return ended(child)
}

inputs('may be a named pipe', async () => {
  const path = pipe()
  const child = start(['run', plain, '--quiet', '--input', path])
  const result = ended(child)
  createWriteStream(path).end(stream({ steps: 30 }))
  const { code, stdout } = await result
  assert.is(code, 0)
  assert.is(stable(stdout), whole)
})

for (const [name, line] of [
  ['what a shell puts in its place', `${cli} run ${plain} --quiet --input <(cat ${recording})`],
  ['/dev/stdin', `cat ${recording} | ${cli} run ${plain} --quiet --input /dev/stdin`],
  ['/dev/stdin, a file', `${cli} run ${plain} --quiet --input /dev/stdin < ${recording}`],
  ['-', `cat ${recording} | ${cli} run ${plain} --quiet --input -`],
  ['/dev/fd/7', `${cli} run ${plain} --quiet --input /dev/fd/7 7< <(cat ${recording})`],
  [
    'a named pipe of the pipeline',
    `mkfifo ${folder}/own; cat ${recording} > ${folder}/own & ` +
      `${cli} run ${plain} --quiet --set 'source={"type":"file","path":"${folder}/own"}'`,
  ],
] as const) {
  inputs(`may be ${name}`, async () => {
    const { code, stdout, stderr } = await bash(line)
    assert.is(code, 0, stderr)
    assert.is(stable(stdout), whole)
  })
}

inputs('may be explained and inspected from a pipe', async () => {
  const explained = await bash(`${cli} lint ${plain} --explain --input <(cat ${recording})`)
  assert.is(explained.code, 0, explained.stderr)
  assert.match(explained.stdout, '310 parameters in 2 tensors')
  const inspected = await bash(`${cli} inspect <(cat ${recording})`)
  assert.is(inspected.code, 0, inspected.stderr)
  assert.match(inspected.stdout, 'run "test"')
})

inputs('are gone on with from a checkpoint, though a pipe begins anew', async () => {
  const path = pipe()
  const state = ['--set', `checkpoint={"path":"${join(folder, 'state')}","every":1}`]
  const first = start(['run', plain, '--quiet', ...state, '--input', path])
  const cut = ended(first)
  createWriteStream(path).end(stream({ steps: 30 }).subarray(0, 20_000))
  assert.is((await cut).code, 0)
  const second = start(['run', plain, '--quiet', '--resume', ...state, '--input', path])
  const result = ended(second)
  createWriteStream(path).end(stream({ steps: 30 }))
  const { code, stdout, stderr } = await result
  assert.is(code, 0, stderr)
  const last = stable(stdout).trimEnd().split('\n').at(-1)!
  assert.match(last, '"end":"closed"')
  assert.match(last, '"recorded":30')
})

inputs(
  'that are pipes are read to their end after an error, so that a trainer lives on',
  async () => {
    const path = pipe()
    const child = start(['run', plain, '--input', path])
    const result = ended(child)
    const trainer = createWriteStream(path)
    trainer.on('error', () => assert.unreachable('the trainer has died'))
    trainer.write('Epoch 1/5\n')
    assert.match(await says(child, 'stderr', /\[E_\w+\]/), 'E_STRAY_TEXT')
    for (let i = 0; i < 8; i++) {
      await new Promise((resolve) => trainer.write(new Uint8Array(2 ** 20), resolve))
    }
    assert.is(child.exitCode, null)
    trainer.end()
    assert.is((await result).code, 65)
  }
)

inputs(
  'that are pipes are left at once where that is wanted, though more waits than can be read ahead',
  async () => {
    const child = start(['run', plain, '--exit-early'])
    const result = ended(child)
    child.stdin.write('Epoch 1/5\n')
    const rest = new Promise<Error | null | undefined>((resolve) =>
      child.stdin.write(new Uint8Array(2 ** 24), resolve)
    )
    assert.is((await result).code, 65)
    assert.match(String(await rest), /EPIPE|ECONNRESET/)
  }
)

const silent = ['--set', 'limits.idleMs=300']

inputs('that fall silent end the process, where a limit is set', async () => {
  const child = start(['run', plain, ...silent])
  const result = ended(child)
  child.stdin.write(openFrame())
  const { code, stderr } = await result
  assert.is(code, 65)
  assert.match(stderr, 'nothing came for 300 ms')
})

inputs('that are silent from the beginning do too, though nobody has opened the pipe', async () => {
  const { code, stderr } = await ended(start(['run', plain, ...silent, '--input', pipe()]))
  assert.is(code, 65)
  assert.match(stderr, 'nothing came for 300 ms')
})

inputs('that fall silent after an error end the process as well', async () => {
  const child = start(['run', plain, ...silent])
  const result = ended(child)
  child.stdin.write('Epoch 1/5\n')
  const { code, stderr } = await result
  assert.is(code, 65)
  assert.match(stderr, 'E_STRAY_TEXT')
})

for (const [signal, exit] of [
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  inputs(`are left at ${signal}, with the summaries and the state of what came`, async () => {
    const state = join(folder, signal)
    const set = ['--set', `checkpoint.path=${state}`]
    const child = start(['run', plain, ...set])
    const result = ended(child)
    for (const each of walk({ steps: 30, close: false })) child.stdin.write(each)
    await says(child, 'stderr', /step 30 .*\n/)
    child.kill(signal)
    const { code, stdout } = await result
    assert.is(code, exit)
    assert.match(stdout, '"end":"truncated"')
    const rest = await thalweg(
      ['run', plain, ...set, '--resume', '--quiet'],
      Buffer.concat([stream({ steps: 30 })])
    )
    assert.is(rest.code, 0, rest.stderr)
    assert.match(rest.stdout, '"end":"closed"')
  })
}

inputs('are left at a signal, though nobody has opened the pipe', async () => {
  const child = start(['run', plain, '--input', pipe()])
  const result = ended(child)
  await says(child, 'stderr', /waiting for the stream/)
  child.kill('SIGTERM')
  assert.is((await result).code, 143)
})

inputs('do not hold a process that has ended with them', async () => {
  const path = pipe()
  const child = start(['run', plain, '--quiet', '--exit-early', '--input', path])
  const result = ended(child)
  const trainer = createWriteStream(path)
  trainer.on('error', () => {})
  trainer.write(Buffer.concat([openFrame(), frame('x')]))
  assert.is((await result).code, 65)
  await wait(10)
  trainer.destroy()
})

inputs.run()
