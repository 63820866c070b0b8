import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bytes, frame, openFrame, stream } from '../../support/stream.ts'
import { type Ended, ended, start, thalweg } from '../../support/thalweg.ts'

const resume = suite('thalweg run --resume')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
resume.after(() => rmSync(folder, { recursive: true }))

const steps = 1600
const input = join(folder, 'stream.msgpack')
writeFileSync(input, stream({ steps, rows: 2000, members: 2 }))

/** A pipeline with its own checkpoint and output. */
function pipelineOf(name: string, checkpoint: object = {}) {
  const output = join(folder, `${name}.ndjson`)
  const state = join(folder, `${name}.state`)
  const file = join(folder, `${name}.json`)
  const json = {
    block: 8,
    emit: { every: 1 },
    checkpoint: { path: state, every: 4, ...checkpoint },
    stages: [{ type: 'svd', rank: 4 }, { type: 'ftle' }],
    sinks: [{ type: 'ndjson', path: output }],
  }
  writeFileSync(file, JSON.stringify(json))
  return { file, output, state, args: ['run', file, '--input', input, '--quiet'] }
}

/** The lines of a file, the last one without its environment. */
const linesOf = (file: string): string[] =>
  readFileSync(file, 'utf8')
    .replace(/,"environment":\{[^}]*\}/, '')
    .split('\n')

const uninterrupted = pipelineOf('uninterrupted')
resume.before(async () => {
  const { code, stderr } = await thalweg(uninterrupted.args)
  assert.is(code, 0, stderr)
})

/** Runs it, and kills it when this holds; says whether it lived to its end. */
async function killedWhen(args: readonly string[], due: () => boolean): Promise<Ended> {
  const child = start(args)
  const result = ended(child)
  while (child.exitCode === null && !due()) await wait(2)
  child.kill('SIGKILL')
  return result
}

resume('after SIGKILL writes the lines that it would have written', async () => {
  const { args, output, state } = pipelineOf('killed')
  let kills = 0
  for (const share of [0.02, 0.3, 0.6]) {
    const whole = statSync(uninterrupted.output).size
    const grown = () => existsSync(output) && statSync(output).size > share * whole
    const resumed = kills === 0 ? args : [...args, '--resume']
    const { signal } = await killedWhen(resumed, grown)
    if (signal === 'SIGKILL') kills++
  }
  assert.is(kills, 3)
  assert.ok(existsSync(state))
  assert.not.equal(linesOf(output), linesOf(uninterrupted.output))
  const { code, stderr } = await thalweg([...args, '--resume'])
  assert.is(code, 0, stderr)
  assert.equal(linesOf(output), linesOf(uninterrupted.output))
  const left = readdirSync(folder).filter((name) => /\.(partial|lock)$/.test(name))
  assert.equal(left, [])
})

resume('after a signal goes on where it was, and takes the last summaries back', async () => {
  const { args, output } = pipelineOf('stopped', { every: 1_000_000 })
  const child = start(args)
  const result = ended(child)
  while (!existsSync(output) || statSync(output).size < 20_000) await wait(2)
  child.kill('SIGINT')
  assert.is((await result).code, 130)
  assert.match(linesOf(output).at(-2)!, /run\/truncated/)
  const { code } = await thalweg([...args, '--resume'])
  assert.is(code, 0)
  assert.equal(linesOf(output), linesOf(uninterrupted.output))
})

resume('on a stream that is sent again skips what it has seen and counts it', async () => {
  const { file, output } = pipelineOf('again')
  const all = readFileSync(input)
  const half = all.subarray(0, all.length >> 1)
  assert.is((await thalweg(['run', file], half)).code, 0)
  const first = linesOf(output).at(-2)!
  assert.match(first, /run\/truncated/)
  const seen = 1 + Number(/"step":(\d+)/.exec(first)![1])
  assert.is((await thalweg(['run', file, '--resume'], all)).code, 0)
  const last = (lines: string[], stage: string) =>
    JSON.parse(lines.findLast((line) => line.includes(`"stage":"${stage}"`))!)
  const [got, expected] = [linesOf(output), linesOf(uninterrupted.output)]
  for (const stage of ['svd', 'ftle']) {
    assert.equal(last(got, stage).values, last(expected, stage).values)
  }
  const { values } = last(got, 'run')
  assert.is(values.end, 'closed')
  assert.is(values.steps, steps)
  assert.ok(seen > 700 && seen < steps)
})

resume('starts where there is no checkpoint yet, and says where there can be none', async () => {
  const { args, output } = pipelineOf('fresh')
  assert.is((await thalweg([...args, '--resume'])).code, 0)
  assert.equal(linesOf(output), linesOf(uninterrupted.output))
  const { code, stderr } = await thalweg(['run', 'quick', '--input', input, '--resume'])
  assert.is(code, 2)
  assert.match(stderr, /--resume: the pipeline has no checkpoint/)
})

resume('begins no run whose checkpoint could not be written', async () => {
  for (const [place, reason] of [
    [join(folder, 'nowhere', 'run.state'), /cannot be written: ENOENT/],
    [folder, /cannot be written: it is a folder/],
  ] as const) {
    const { args, output } = pipelineOf('unplaced', { path: place })
    for (const more of [[], ['--resume']]) {
      const { code, stderr } = await thalweg([...args, ...more])
      assert.is(code, 74, stderr)
      assert.match(stderr, `thalweg: checkpoint "${place}"`)
      assert.match(stderr, reason)
      assert.not(existsSync(output))
    }
  }
})

resume('refuses a state, sinks or a stream that are not of this run', async () => {
  const { args, file, output, state } = pipelineOf('refused', { every: 100 })
  assert.is((await thalweg(args)).code, 0)
  const again = (...more: string[]) => thalweg([...args, '--resume', ...more])
  const other = await again('--set', 'stages.svd.rank=3')
  assert.is(other.code, 65)
  assert.match(other.stderr, /saved under other settings/)
  const elsewhere = await again('--set', 'sinks=[{"type":"ndjson","path":"-"}]')
  assert.match(elsewhere.stderr, /saved with other sinks/)
  const tensors = [{ name: 'dense.weight', shape: [2001], dtype: 'f32' }]
  const foreign = frame('open', { version: 1, run: 'test', tensors, members: 2 })
  const stranger = await thalweg(['run', file, '--resume'], foreign)
  assert.is(stranger.code, 65)
  assert.match(
    stranger.stderr,
    /the saved state is of another run: the number of tensors is 1, expected 2/
  )
  const saved = readFileSync(state)
  writeFileSync(state, saved.subarray(0, saved.length - 1))
  assert.match((await again()).stderr, /the state is refused: it is cut off/)
  saved[saved.length >> 1]! ^= 1
  writeFileSync(state, saved)
  assert.match((await again()).stderr, /its checksum does not fit/)
  saved[saved.length >> 1]! ^= 1
  writeFileSync(state, saved)
  writeFileSync(output, 'short')
  const short = await again()
  assert.is(short.code, 74)
  assert.match(short.stderr, /has 5 bytes, but had \d+ when the run was saved/)
})

resume(
  'takes a trainer that went on from its own checkpoint, with a break at the join',
  async () => {
    const { file, output } = pipelineOf('joined', { every: 1 })
    const rows = 300
    const head = openFrame({ rows, members: 2 })
    const anchors = (step: number) =>
      [0, 1].map((member) =>
        frame('anchor', { step, member, data: [bytes(rows, step), bytes(10, 0)] })
      )
    const deltas = (from: number, to: number) =>
      Array.from({ length: 2 * (to - from + 1) }, (_, i) => {
        const step = from + (i >> 1)
        const data = [bytes(rows, 1), bytes(10, 0)]
        return frame('delta', { step, member: i % 2, base: step - 1, data })
      })
    const before = Buffer.concat([head, ...anchors(0), ...deltas(1, 20)])
    assert.is((await thalweg(['run', file], before)).code, 0)
    const after = Buffer.concat([
      head,
      ...anchors(16),
      ...deltas(17, 30),
      frame('close', { frames: 30 }),
    ])
    const { code, stderr } = await thalweg(['run', file, '--resume'], after)
    assert.is(code, 0, stderr)
    const { values } = JSON.parse(linesOf(output).at(-2)!) as { values: Record<string, unknown> }
    assert.equal([values.steps, values.end], [34, 'closed'])
  }
)

resume.run()
