import { spawn, spawnSync } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ended, lines } from '../support/thalweg.ts'
import { distance, replay } from './weights.ts'

const script = 'examples/python/mnist_torch.py'
/** Each step, however busy the machine is: by default a pipe's reader may cost 3 %, and steps are added up. */
const every = ['--pace', 'every']
const missing = spawnSync('python3', ['-c', 'import msgpack, numpy, torch']).status !== 0
if (missing) console.log('  (skipped: python3 with msgpack, numpy and torch is not here)')

const python = suite('python producer')
const test = missing ? python.skip : python

const env = { ...process.env, PYTHONPATH: 'python/src' }

/** A Python process: its stream, what it said and how it ended. */
function run(...args: string[]) {
  const child = spawn('python3', args, { env })
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
  return { stdout: child.stdout, said: text(child.stderr), exit }
}

/** A short training without PyTorch: `make` makes the weights `w`, a list of (name, array). */
const train = (make: string, options: string, steps: number) => `
import numpy as np
from thalweg import Stream
random = np.random.default_rng(0)
w = ${make}
stream = Stream(${options}, pace='every')
for step in range(1, ${steps} + 1):
    for _, array in w:
        array += random.standard_normal(array.shape) * 1e-4
    stream.record(step, loss=1 / step)
stream.close()
`

test('a training that prints streams deltas that lead from anchor to anchor', async () => {
  const { stdout, said, exit } = run(script, ...every, '--hidden', '8', '--steps', '200')
  const { open, members, frames, end } = await replay(stdout)
  assert.is(await exit, 0)
  assert.match(await said, 'step 100: loss')
  assert.is(end, 'closed')
  assert.equal(
    open.tensors.map(({ name, shape }) => [name, shape]),
    [
      ['1.weight', [8, 784]],
      ['1.bias', [8]],
      ['3.weight', [10, 8]],
      ['3.bias', [10]],
    ]
  )
  const [member] = members
  assert.equal([member!.anchors, member!.steps.length, member!.steps.at(-1)], [3, 200, 200])
  assert.ok(distance(member!.first, member!.anchored) > 0.1, 'the weights moved')
  assert.ok(distance(member!.summed, member!.anchored) < 2e-8)
  const losses = frames.flatMap((frame) => (frame.kind === 'delta' ? [frame.metrics!.loss!] : []))
  assert.ok(losses.at(-1)! < losses[0]! / 2)
})

test('a twin starts at the distance asked for and sees the same batches', async () => {
  const args = ['--hidden', '8', '--steps', '100', '--lr', '0.01', '--twin', '1e-3']
  const { open, members } = await replay(run(script, ...every, ...args).stdout)
  assert.equal([open.members, open.coupled, open.meta.epsilon], [2, true, 1e-3])
  const [one, twin] = members.map(({ first }) => first)
  const start = Math.hypot(...one!.map((value, i) => value - twin![i]!))
  assert.ok(Math.abs(start - 1e-3) < 1e-6, `${start}`)
  assert.ok(distance(members[0]!.summed, members[1]!.summed) < 1e-3, 'and stays near')
})

test('16-bit deltas end where the weights are, as rounding is made up for', async () => {
  for (const [dtype, bits] of [
    ['f16', 11],
    ['bf16', 8],
  ] as const) {
    const program = train(
      "[('a', random.standard_normal(1000).astype('f4'))]",
      `w, dtype='${dtype}', anchor=200`,
      200
    )
    const { members } = await replay(run('-c', program).stdout)
    const last = 5e-4 * 2 ** -bits
    assert.ok(distance(members[0]!.summed, members[0]!.anchored) < last, dtype)
  }
})

test('tensors above 16 MiB pass in parts, whatever else is in the model', async () => {
  const program = train(
    "[('big', np.zeros((3, 1_500_000), 'f4')), ('none', np.zeros(0)), ('one', np.zeros(()))]",
    'lambda: iter(w), anchor=1',
    1
  )
  const { open, members, frames, end } = await replay(run('-c', program).stdout)
  assert.is(end, 'closed')
  assert.equal(
    open.tensors.map(({ dtype, shape }) => [dtype, shape]),
    [
      ['f32', [3, 1_500_000]],
      ['f64', [0]],
      ['f64', []],
    ]
  )
  assert.ok(frames.every(({ bytes }) => bytes < 2 ** 24 + 1024))
  assert.is(frames.filter((frame) => frame.kind === 'delta' && frame.more).length, 1)
  assert.is(members[0]!.anchors, 2)
  assert.ok(distance(members[0]!.summed, members[0]!.anchored) < 1e-10)
})

test('a training pipes into thalweg run', async () => {
  const training = `python3 ${script} ${every.join(' ')} --hidden 16 --steps 150 --twin 1e-3`
  const analysis = `${process.execPath} --import tsx src/node/cli/main.ts run --quiet`
  const pipe = spawn('bash', ['-c', `set -o pipefail; ${training} 2>/dev/null | ${analysis}`], {
    env,
  })
  const { code, stdout, stderr } = await ended(pipe)
  assert.equal([code, stderr], [0, ''])
  const last = new Map(lines(stdout).map((summary) => [summary.type, summary.values]))
  assert.equal([...last.keys()], ['health', 'svd', 'cmd', 'ftle', 'metrics', 'run'])
  assert.equal([last.get('run')!.end, last.get('run')!.steps], ['closed', 150])
  assert.is((last.get('svd')!.singularValues as number[]).length, 16)
  const { explained, explainedNull } = last.get('cmd')! as Record<string, number>
  assert.ok(explained! > 0.6 && Math.abs(explained! - explainedNull!) < 0.1)
  assert.ok((last.get('metrics')!.loss as number) < 1)
})

test('a reader that leaves does not end the training', async () => {
  const { stdout, said, exit } = run(script, '--hidden', '8', '--steps', '100')
  stdout.once('data', () => stdout.destroy())
  assert.is(await exit, 0)
  assert.match(await said, /step 100: loss .*\ntest accuracy 0\.\d+\n$/)
})

python.run()
