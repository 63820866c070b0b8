import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { settingsOf } from '../../../src/analyse.ts'
import { registry } from '../../../src/node/registry.ts'
import { workerThreads } from '../../../src/node/threads/threads.ts'
import { parsePipeline } from '../../../src/pipeline/pipeline.ts'
import { runPipeline } from '../../../src/pipeline/run-pipeline.ts'
import { ndjson } from '../../../src/sinks/ndjson/index.ts'
import { stdin } from '../../../src/sources/stdin/index.ts'
import { defineStage } from '../../../src/stage/define.ts'
import { bundledCommandLine } from '../../support/bundled.ts'
import { bytes, frame, openFrame, stream } from '../../support/stream.ts'
import { type Ended, ended, lines, says } from '../../support/thalweg.ts'

const threads = suite('shards in threads')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
const recording = readFileSync('test/fixtures/mnist.thalweg')

let program: string
threads.before(async () => {
  program = await bundledCommandLine()
})
threads.after(() => {
  rmSync(folder, { recursive: true })
  rmSync(program, { recursive: true })
})

const whole = {
  emit: { every: 1 },
  stages: [
    { type: 'svd', rank: 8 },
    { type: 'cmd', modes: 6, warmup: 24, samples: 200 },
    { type: 'ftle', norms: ['l2', 'l1'] },
  ],
}

let written = 0
function pipelineOf(pipeline: object): string {
  const file = join(folder, `${written++}.json`)
  writeFileSync(file, JSON.stringify(pipeline))
  return file
}

/** Starts the command line on a pipeline; in threads, or all in one. */
function start(pipeline: object, inThreads: boolean, ...more: string[]) {
  const file = pipelineOf({ shards: 3, ...pipeline, threads: inThreads })
  const child = spawn(process.execPath, [join(program, 'main.js'), 'run', file, '--quiet', ...more])
  child.stdin.on('error', () => {})
  return child
}

function run(pipeline: object, inThreads: boolean, input: Uint8Array): Promise<Ended> {
  const child = start(pipeline, inThreads)
  child.stdin.end(input)
  return ended(child)
}

/** What it wrote and how it ended, without what differs from run to run. */
const said = ({ stdout, ...rest }: Ended): object => ({
  stdout: stdout.replaceAll(/,"environment":\{[^}]*\}/g, ''),
  ...rest,
})

/** The same bytes and the same end, in threads and without. */
async function same(pipeline: object, input: Uint8Array, code = 0): Promise<Ended> {
  const one = await run(pipeline, false, input)
  assert.is(one.code, code, one.stderr)
  assert.equal(said(await run(pipeline, true, input)), said(one))
  return one
}

for (const shards of [1, 2, 3, 4, 8]) {
  threads(
    `${shards} of them give the bytes that one thread gives, of a real training`,
    async () => {
      const { stdout } = await same({ ...whole, shards }, recording)
      assert.ok(lines(stdout).length > 20)
    }
  )
}

threads(
  'give the same bytes for each tensor, for other members, sums of deltas and forgetting',
  async () => {
    const stages = [
      { type: 'health', per: 'tensor' },
      { type: 'svd', per: 'tensor', rank: 3 },
      { type: 'svd', id: 'positions', of: 'positions' },
      { type: 'svd', id: 'reference', storage: 'f64', forget: 0.97 },
      { type: 'svd', id: 'twin', member: 1 },
      { type: 'ftle', on: 'positions', method: 'local-linear' },
    ]
    await same({ block: 7, select: { every: 2, exclude: ['**/bias'] }, stages }, recording)
  }
)

threads('fold a large model to the same sketch', async () => {
  const input = stream({ steps: 20, rows: 100_000 })
  await same({ block: 8, stages: [{ type: 'svd', rank: 4, tier: 'sketch' }] }, input)
})

threads(
  'take several runs, one that is cut off and one that is smaller than their number',
  async () => {
    const small = stream({ steps: 9, rows: 40, members: 2 })
    const cut = recording.subarray(0, 300_000)
    const { stdout } = await same(whole, Buffer.concat([small, recording, small, cut]))
    const ends = lines(stdout).flatMap(({ type, values }) => (type === 'run' ? [values.end] : []))
    assert.equal(ends, ['closed', 'closed', 'closed', 'truncated'])
  }
)

/** Three steps, of which the second has a NaN in the last row of a member. */
function withNaN(member: number): Uint8Array {
  const rows = 2000
  const frames = [openFrame({ rows, members: 2 })]
  for (let step = 1; step <= 3; step++) {
    for (const m of [0, 1]) {
      const bias = bytes(10, step === 2 && m === member ? Number.NaN : 1)
      frames.push(frame('delta', { step, member: m, data: [bytes(rows, step + m), bias] }))
    }
  }
  return Buffer.concat([...frames, frame('close', { frames: 6 })])
}

threads('all know of a NaN that is in the rows of one', async () => {
  const pipeline = { stages: [{ type: 'svd' }, { type: 'svd', id: 'twin', member: 1 }] }
  const { stderr } = await same(pipeline, withNaN(0), 65)
  assert.match(stderr, /member 0, step 2: tensor "dense.bias" of the delta holds a NaN/)
  for (const member of [0, 1]) {
    const { stdout } = await same({ nonFinite: 'drop', ...pipeline }, withNaN(member))
    assert.match(stdout, 'health/non-finite')
  }
})

threads('fail as one, after what was computed is written', async () => {
  const walk = stream({ steps: 40, members: 2, close: false })
  assert.match(
    (await same(whole, Buffer.concat([walk, Buffer.from('step 41\n')]), 65)).stderr,
    'E_STRAY_TEXT'
  )
  const back = [
    openFrame(),
    ...[1, 2, 3, 2].map((step) => frame('delta', { step, data: [bytes(300, step), bytes(10, 1)] })),
  ]
  const { stderr, stdout } = await same(
    { block: 1, stages: [{ type: 'svd' }] },
    Buffer.concat(back),
    65
  )
  assert.match(stderr, /step 2 comes after step 3/)
  assert.match(stdout, 'run/failed')
  assert.match(
    (await same({ ...whole, memory: { max: 2 ** 20 } }, recording, 78)).stderr,
    'E_MEMORY'
  )
  assert.match(
    (await same({ ...whole, select: { exclude: ['**'] } }, recording, 78)).stderr,
    'E_SELECT'
  )
  await same(whole, new Uint8Array(0), 66)
})

threads('report an error of their own at once, though nothing more comes', async () => {
  const child = start({ stages: [] }, true, '--exit-early')
  const result = ended(child)
  child.stdin.write(withNaN(0).subarray(0, -30))
  const { code, stderr } = await result
  assert.is(code, 65)
  assert.match(stderr, 'E_NONFINITE')
})

threads('end with the summaries of what came when a signal comes', async () => {
  const stopped = async (inThreads: boolean) => {
    const child = start(whole, inThreads)
    const result = ended(child)
    child.stdin.write(recording.subarray(0, 270_000))
    await says(child, 'stdout', /"type":"ftle",[^{]*"step":32,/)
    await wait(300)
    child.kill('SIGTERM')
    return said(await result)
  }
  const one = await stopped(false)
  assert.match(JSON.stringify(one), 'run/truncated')
  assert.match(JSON.stringify(one), '"code":143')
  assert.match(JSON.stringify(one), '\\"steps\\":43,')
  assert.equal(await stopped(true), one)
})

threads('do not wait for one of them that has ended', async () => {
  const real = join(program, 'worker.js')
  renameSync(real, join(program, 'whole.js'))
  writeFileSync(
    real,
    `import './whole.js'
    import { parentPort, workerData } from 'node:worker_threads'
    let frames = 0
    if (workerData.shard === 1) parentPort.on('message', () => ++frames === 20 && process.exit(3))`
  )
  try {
    const { code, stderr } = await run(whole, true, recording)
    assert.is(code, 1)
    assert.is(stderr, 'thalweg: a thread failed: it ended with exit code 3. [E_RUN]\n')
  } finally {
    renameSync(join(program, 'whole.js'), real)
  }
})

threads('go on from a checkpoint of theirs, or of one thread, after SIGKILL', async () => {
  const input = join(folder, 'stream.msgpack')
  writeFileSync(input, stream({ steps: 400, rows: 2000, members: 2 }))
  const pipelineTo = (output: string) => ({
    block: 8,
    emit: { every: 1 },
    checkpoint: { path: join(folder, 'run.state'), every: 4 },
    stages: [{ type: 'svd', rank: 4 }, { type: 'ftle' }],
    sinks: [{ type: 'ndjson', path: output }],
  })
  const [expected, output] = [join(folder, 'expected'), join(folder, 'output')]
  await ended(start(pipelineTo(expected), false, '--input', input))
  rmSync(join(folder, 'run.state'))
  const size = () => (existsSync(output) ? statSync(output).size : 0)
  for (const [i, share] of [0.2, 0.4, 0.6].entries()) {
    const child = start(pipelineTo(output), i !== 1, '--input', input, '--resume')
    const result = ended(child)
    while (child.exitCode === null && size() < share * statSync(expected).size) await wait(2)
    child.kill('SIGKILL')
    assert.is((await result).signal, 'SIGKILL')
  }
  const { code, stderr } = await ended(
    start(pipelineTo(output), true, '--input', input, '--resume')
  )
  assert.is(code, 0, stderr)
  const text = (file: string) => readFileSync(file, 'utf8').replace(/,"environment":\{[^}]*\}/, '')
  assert.is(text(output), text(expected))
})

threads('go on from a checkpoint of a model that is smaller than their number', async () => {
  const [whole, part, output] = ['small', 'part', 'small.out'].map((name) => join(folder, name))
  const walk = { rows: 40, members: 2 }
  writeFileSync(whole!, stream({ steps: 40, ...walk }))
  writeFileSync(part!, stream({ steps: 21, close: false, ...walk }))
  const pipeline = {
    block: 4,
    emit: { every: 1 },
    checkpoint: { path: join(folder, 'small.state'), every: 2 },
    stages: [{ type: 'svd', rank: 4 }, { type: 'ftle' }],
    sinks: [{ type: 'ndjson', path: output }],
  }
  const through = async (inThreads: boolean, ...more: string[]): Promise<string> => {
    const { code, stderr } = await ended(start(pipeline, inThreads, ...more))
    assert.is(code, 0, stderr)
    return readFileSync(output!, 'utf8').replaceAll(/,"environment":\{[^}]*\}/g, '')
  }
  const expected = await through(false, '--input', whole!)
  await through(true, '--input', part!)
  assert.is(await through(true, '--input', whole!, '--resume'), expected)
})

threads('are refused where there are none, and for stages that they cannot find', async () => {
  const pipeline = {
    ...parsePipeline({ threads: true }, registry),
    source: stdin(),
    sinks: [ndjson()],
  }
  const message = async (running: Promise<unknown>): Promise<string> =>
    running.then(
      () => '',
      (error: Error) => error.message
    )
  assert.match(await message(runPipeline(pipeline)), /^threads: this host has none.*E_CONFIG/)
  const own = defineStage({
    type: 'own',
    summary: '',
    asks: '',
    options: {},
    figures: {},
    says: () => [],
    plan: () => ({ header: 0, perTile: 0, scratch: 0 }),
    start: () => ({
      step: () => {
        throw new Error('a stage that is refused was stepped')
      },
    }),
  })
  const settings = settingsOf({}, own())
  assert.match(
    await message(runPipeline({ ...pipeline, settings }, { threads: workerThreads })),
    /^threads: a thread cannot find stage type "own": it neither ships/
  )
})

threads.run()
