import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bytes, delta, frame, openFrame, stream, walk } from '../../support/stream.ts'
import { ended, lines, says, start, thalweg } from '../../support/thalweg.ts'

const run = suite('thalweg run')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
run.after(() => rmSync(folder, { recursive: true }))

const plain = join(folder, 'plain.json')
writeFileSync(plain, '{ "emit": { "every": 1 } }')

interface Line {
  readonly type: string
  readonly step: number
  readonly values: { readonly end?: string; readonly [name: string]: unknown }
  readonly alerts: readonly { id: string; level: string; message: string }[]
  readonly environment?: { readonly runtime: string }
}

run('writes summaries to stdout, progress to stderr, and the environment once', async () => {
  const { code, stdout, stderr } = await thalweg(['run', plain], stream({ steps: 50 }))
  const summaries = lines<Line>(stdout)
  assert.is(code, 0)
  assert.is(stderr, '')
  assert.equal([...new Set(summaries.map(({ type }) => type))], ['health', 'metrics', 'run'])
  const last = summaries.at(-1)!
  assert.is(last.values.end, 'closed')
  assert.match(last.environment!.runtime, /^node \d/)
  assert.equal(
    summaries.filter(({ environment }) => environment),
    [last]
  )
})

run('gives equal lines for equal bytes, whatever the chunks', async () => {
  const input = stream({ steps: 40, members: 2 })
  const whole = await thalweg(['run', plain], input)
  const child = start(['run', plain])
  const result = ended(child)
  for (let at = 0; at < input.length; at += 997) {
    child.stdin.write(input.subarray(at, at + 997))
    if (at % 9970 === 0) await wait(1)
  }
  child.stdin.end()
  const withoutFacts = (text: string) =>
    lines<Line>(text).map(({ environment: _, ...summary }) => summary)
  assert.equal(withoutFacts((await result).stdout), withoutFacts(whole.stdout))
})

run('reads a recorded stream and writes to a file where the command line says so', async () => {
  const input = join(folder, 'stream.msgpack')
  const output = join(folder, 'summaries.ndjson')
  writeFileSync(input, stream({ steps: 20 }))
  const sinks = `sinks=[{"type":"ndjson","path":${JSON.stringify(output)}}]`
  const { code, stdout } = await thalweg(['run', plain, '--input', input, '--set', sinks])
  assert.is(code, 0)
  assert.is(stdout, '')
  assert.is(lines<Line>(readFileSync(output, 'utf8')).at(-1)!.values.steps, 20)
})

run('ends well when its reader leaves, and still closes its other sinks', async () => {
  const output = join(folder, 'kept.ndjson')
  const sinks = `sinks=[{"type":"ndjson"},{"type":"ndjson","path":${JSON.stringify(output)}}]`
  const child = start(['run', plain, '--set', sinks])
  const result = ended(child)
  child.stdout.once('data', () => child.stdout.destroy())
  for (const each of walk({ steps: 5000, rows: 2000 })) {
    if (child.stdin.destroyed) break
    await new Promise((resolve) => child.stdin.write(each, resolve))
  }
  const { code, stderr } = await result
  assert.is(stderr, '')
  assert.is(code, 0)
  assert.is(lines<Line>(readFileSync(output, 'utf8')).at(-1)!.type, 'run')
})

for (const [signal, expected] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  run(`prints its last summary at ${signal}, though stdin stays open and silent`, async () => {
    const child = start(['run', plain])
    const result = ended(child)
    for (const each of walk({ steps: 20, close: false })) child.stdin.write(each)
    await says(child, 'stdout', /\n/)
    child.kill(signal)
    const { code, stdout } = await result
    assert.is(code, expected)
    const last = lines<Line>(stdout).at(-1)!
    assert.is(last.values.end, 'truncated')
    assert.is(last.values.steps, 20)
  })
}

run('is ended at once by a second signal', async () => {
  const child = start(['run', plain])
  let exited = false
  const exit = once(child, 'exit').then((status) => {
    exited = true
    return status
  })
  child.stdin.write(openFrame())
  child.stdin.write(frame('anchor', { step: 0, data: [bytes(300, 1), bytes(10, 0)] }))
  // Nobody reads stdout, and one summary is more than a pipe holds: the process cannot end by itself.
  child.stdout.pause()
  const name = 'm'.repeat(200)
  const long = {
    metrics: Object.fromEntries(Array.from({ length: 999 }, (_, i) => [`${name}${i}`, i])),
  }
  for (let step = 1; step < 60; step++) {
    child.stdin.write(delta(step, 0, 300, 0.1))
    child.stdin.write(frame('metrics', { step, ...long }))
  }
  await says(child, 'stderr', /frames\/s/)
  child.kill('SIGINT')
  await wait(300)
  assert.not(exited)
  child.kill('SIGINT')
  assert.equal(await exit, [null, 'SIGINT'])
})

run('reports an error in the data at once, reads stdin to its end, and exits 65', async () => {
  const child = start(['run', plain])
  const result = ended(child)
  child.stdin.write(Buffer.concat([...walk({ steps: 20, close: false })]))
  child.stdin.write('Epoch 1/5\n')
  const text = await says(child, 'stderr', /\[E_\w+\]/)
  assert.match(text, 'the text "Epoch 1/5" stands between frames')
  assert.match(text, '[E_STRAY_TEXT]')
  await new Promise((resolve) => child.stdin.write(new Uint8Array(8 * 2 ** 20), resolve))
  assert.is(child.exitCode, null)
  child.stdin.end()
  const { code, stdout } = await result
  assert.is(code, 65)
  const last = lines<Line>(stdout).at(-1)!
  assert.is(last.values.end, 'failed')
  assert.is(last.values.steps, 20)
  assert.is(last.alerts[0]!.id, 'run/failed')
})

run('ends at once after an error in the data where asked to', async () => {
  const child = start(['run', plain, '--exit-early'])
  const result = ended(child)
  child.stdin.write('hello\n')
  const { code } = await result
  assert.is(code, 65)
})

run('ends with the error, though a signal comes while it reads stdin to its end', async () => {
  const child = start(['run', plain])
  const result = ended(child)
  child.stdin.write('hello\n')
  await says(child, 'stderr', /\[E_STRAY_TEXT\]/)
  child.kill('SIGTERM')
  assert.is((await result).code, 65)
})

run(
  'takes a stream without an end as truncated: exit 0, or 3 where an alert is to fail it',
  async () => {
    const input = stream({ steps: 20 }).subarray(0, -500)
    const { code, stdout } = await thalweg(['run', plain], input)
    assert.is(code, 0)
    assert.is(lines<Line>(stdout).at(-1)!.alerts[0]!.id, 'run/truncated')
    assert.is((await thalweg(['run', plain, '--fail-on', 'warn'], input)).code, 3)
    assert.is((await thalweg(['run', plain, '--fail-on', 'error'], input)).code, 0)
  }
)

run('tells missing input, bad configuration, bad usage and a sink that fails apart', async () => {
  const input = stream({ steps: 3 })
  const loop = join(folder, 'loop')
  symlinkSync(loop, loop)
  const cases: [number, RegExp, string[], Uint8Array | string][] = [
    [66, /cannot be read/, ['run', plain, '--input', join(folder, 'none')], ''],
    [66, /cannot be read/, ['run', plain, '--input', loop], ''],
    [74, /cannot be written/, ['run', plain, '--set', `checkpoint.path=${loop}`], input],
    [66, /the stream is empty/, ['run', plain], ''],
    [66, /cannot be read/, ['run', './none.json'], ''],
    [78, /Did you mean "block"/, ['run', plain, '--set', 'blok=3'], input],
    [78, /matches|empty|no tensor/, ['run', plain, '--set', 'select.include=["x"]'], input],
    [
      78,
      /memory\.max/,
      ['run', plain, '--set', 'memory.max=1048576', '--set', 'block=1024'],
      input,
    ],
    [2, /unknown option --fast/, ['run', '--fast'], input],
    [2, /unknown command "rnu"\. Did you mean "run"/, ['rnu'], input],
    [
      74,
      /cannot be written/,
      ['run', plain, '--set', `sinks=[{"type":"ndjson","path":"${folder}/no/x"}]`],
      input,
    ],
  ]
  for (const [code, text, args, stdin] of cases) {
    const result = await thalweg(args, stdin)
    assert.is(result.code, code, `${args.join(' ')}: ${result.stderr}`)
    assert.match(result.stderr, text)
    assert.is(result.stdout, '')
  }
})

run('never empties the stream that it reads, nor writes two things to one file', async () => {
  const input = join(folder, 'precious.msgpack')
  const link = join(folder, 'link.msgpack')
  writeFileSync(input, stream({ steps: 20 }))
  symlinkSync(input, link)
  const sinkTo = (...paths: string[]) =>
    `sinks=${JSON.stringify(paths.map((path) => ({ type: 'ndjson', path })))}`
  const other = join(folder, 'other')
  for (const settings of [
    [sinkTo(link)],
    [`checkpoint.path=${link}`],
    [sinkTo(other, `${folder}/./other`)],
    [sinkTo(other), `checkpoint.path=${other}`],
  ]) {
    const sets = settings.flatMap((setting) => ['--set', setting])
    const { code, stderr } = await thalweg(['run', plain, '--input', input, ...sets])
    assert.is(code, 78, stderr)
    assert.match(stderr, /is the file of [\w ]+ too, and would be emptied/)
    assert.equal(readFileSync(input), stream({ steps: 20 }))
    assert.not(existsSync(other))
  }
  const twice = sinkTo('/dev/null', '/dev/null')
  assert.is((await thalweg(['run', plain, '--input', input, '--set', twice])).code, 0)
})

if (existsSync('/dev/full')) {
  run('says once that stdout is full, and lets the trainer finish', async () => {
    const full = openSync('/dev/full', 'w')
    for (const args of [['list'], ['run', plain, '--set', 'block=4']]) {
      const child = spawn(process.execPath, ['--import', 'tsx', 'src/node/cli/main.ts', ...args], {
        stdio: ['pipe', full, 'pipe'],
      })
      const exit = once(child, 'exit')
      let said = ''
      let cut = false
      child.stderr!.on('data', (chunk) => {
        said += chunk
      })
      child.stdin!.on('error', () => {
        cut = true
      })
      if (args[0] === 'run') {
        for (const each of walk({ steps: 40, close: false })) child.stdin!.write(each)
        while (!said.includes('E_OUTPUT')) await wait(5)
        await new Promise((resolve) => child.stdin!.write(new Uint8Array(2 ** 20), resolve))
      }
      child.stdin!.end()
      assert.equal(await exit, [74, null])
      assert.is(said.match(/stdout cannot be written/g)?.length, 1, said)
      assert.not(cut)
    }
    closeSync(full)
  })

  run('exits 74 when the device is full', async () => {
    const sinks = '[{"type":"ndjson","path":"/dev/full"}]'
    const { code, stderr } = await thalweg(
      ['run', plain, '--set', `sinks=${sinks}`],
      stream({ steps: 20 })
    )
    assert.match(stderr, 'file "/dev/full" cannot be written')
    assert.is(code, 74)
  })
}

run('gives up on a stream that falls silent, where a limit is set', async () => {
  const child = start(['run', plain, '--exit-early', '--set', 'limits.idleMs=200'])
  const result = ended(child)
  child.stdin.write(openFrame())
  const { code, stderr } = await result
  assert.match(stderr, 'nothing came for 200 ms')
  assert.is(code, 65)
})

run('says how it goes on in plain lines where stderr is no terminal', async () => {
  const child = start(['run', plain])
  const result = ended(child)
  for (const each of walk({ steps: 20, close: false })) child.stdin.write(each)
  await says(child, 'stderr', /step 20 .*\n/)
  child.stdin.end(frame('close', { frames: 21 }))
  const { stderr } = await result
  for (const line of stderr.trimEnd().split('\n')) {
    assert.match(
      line,
      /^(waiting for the stream|step 20 · [\d.]+ frames\/s · [\d.]+ MB\/s · lag \d+ ms)$/
    )
  }
})

run('says each warning once on stderr, in words or as JSON, unless it shall be quiet', async () => {
  const gaps = [3, 6, 9].map((step) => delta(step, 0, 300, step))
  const input = Buffer.concat([openFrame(), ...gaps])
  const [words, quiet, json] = await Promise.all(
    [[], ['--quiet'], ['--json']].map((more) => thalweg(['run', plain, ...more], input))
  )
  assert.equal(words!.stderr.trimEnd().split('\n'), [
    'thalweg: warn health/gap: member 0: step 6 starts at step 5, the last one was 3; windows close and positions are unsure until the next anchor',
    'thalweg: warn run/truncated: the stream ended without "close"; the summaries stand for what came',
  ])
  assert.is(quiet!.stderr, '')
  const told = lines<{ schema: string; id: string; stage: string; step: number }>(json!.stderr)
  assert.equal(
    told.map(({ schema, id, stage, step }) => [schema, id, stage, step]),
    [
      ['thalweg.alert/1', 'health/gap', 'health', 9],
      ['thalweg.alert/1', 'run/truncated', 'run', 9],
    ]
  )
  assert.is(lines<Line>(words!.stdout).flatMap(({ alerts }) => alerts).length, 3)
})

run('says errors and progress as JSON where asked to', async () => {
  const { stderr } = await thalweg(['run', plain, '--json'], 'hello\n')
  const error = JSON.parse(stderr) as { code: string; offset: number }
  assert.is(error.code, 'E_STRAY_TEXT')
  assert.is(error.offset, 0)
})

run('says in one JSON object what keeps a command from running', async () => {
  const cases: [number, string, string | undefined, string[]][] = [
    [2, 'E_USAGE', undefined, ['run', '--fast']],
    [2, 'E_USAGE', undefined, ['run', plain, '--resume']],
    [2, 'E_USAGE', undefined, ['rnu']],
    [2, 'E_USAGE', undefined, ['lint', '--explain']],
    [2, 'E_USAGE', undefined, ['doctor', 'me']],
    [66, 'E_INPUT', undefined, ['run', './none.json']],
    [66, 'E_INPUT', undefined, ['lint', './none.json']],
    [78, 'E_CONFIG', 'blok', ['run', plain, '--set', 'blok=3', '--set', 'mode=slow']],
  ]
  for (const [code, name, path, args] of cases) {
    const result = await thalweg([...args, '--json'])
    assert.is(result.code, code, result.stderr)
    const error = JSON.parse(result.stderr) as { schema: string; code: string; path?: string }
    assert.equal([error.schema, error.code, error.path], ['thalweg.error/1', name, path])
  }
})

run.run()
