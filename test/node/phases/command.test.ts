import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Random } from '../../../src/node/train/random.ts'
import { frame } from '../../support/stream.ts'
import { thalweg } from '../../support/thalweg.ts'

const phases = suite('thalweg phases fit')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
phases.after(() => rmSync(folder, { recursive: true }))

const steps = 60

/** A recorded run of a matrix and a bias that move at random, fast and then slowly. */
function recorded(seed: number): string {
  const random = new Random(seed, 1)
  const values = (count: number, size: number) =>
    new Uint8Array(Float32Array.from({ length: count }, () => size * random.normal()).buffer)
  const tensors = [
    { name: 'dense.weight', shape: [8, 6], dtype: 'f32' },
    { name: 'dense.bias', shape: [6], dtype: 'f32' },
  ]
  const frames = [
    frame('open', { version: 1, run: `run ${seed}`, tensors }),
    frame('anchor', { step: 0, data: [values(48, 0.5), values(6, 0.1)] }),
  ]
  for (let step = 1; step <= steps; step++) {
    const size = step < 30 ? 0.1 : 0.01
    const data = [values(48, size), values(6, size)]
    frames.push(frame('delta', { step, base: step - 1, metrics: { loss: 1 / step }, data }))
  }
  frames.push(frame('close', { frames: steps + 1 }))
  const path = join(folder, `${seed}.thalweg`)
  writeFileSync(path, Buffer.concat(frames))
  return path
}

const paths = [1, 2, 3].map(recorded)
const few = ['--every', '2', '--states', '2', '--restarts', '1']

phases('fits recorded runs, and makes a pipeline that follows another', async () => {
  const output = join(folder, 'phases.json')
  const args = ['phases', 'fit', ...paths, ...few, '--converged', 'loss<0.1', '--output', output]
  const fitted = await thalweg([...args, '--json'])
  assert.is(fitted.code, 0, fitted.stderr)
  const found = JSON.parse(fitted.stdout)
  assert.is(found.schema, 'thalweg.phases/1')
  assert.equal(found.runs, ['run 1', 'run 2', 'run 3'])
  assert.equal(found.converged, [11, 11, 11])
  assert.ok(['states', 'no-better-than-time'].includes(found.verdict), found.verdict)
  assert.equal(
    found.map.paths.map((path: number[]) => path.length),
    paths.map(() => 1 + steps / 2)
  )
  const { stages } = JSON.parse(readFileSync(output, 'utf8'))
  assert.is(stages[0].model.fit, found.verdict)
  const followed = await thalweg(['run', output, '--input', recorded(4), '--quiet'])
  assert.is(followed.code, 0, followed.stderr)
  assert.match(followed.stdout, '"type":"phases"')
})

phases('says for people what the fit is worth first', async () => {
  const { stdout, code } = await thalweg(['phases', 'fit', ...paths, ...few])
  assert.is(code, 0)
  assert.match(stdout, /^BIC picks \d states?/)
  assert.match(stdout, /picked/)
})

phases('says what it cannot fit', async () => {
  const none = await thalweg(['phases', 'fit'])
  assert.equal([none.code, /nothing to fit/.test(none.stderr)], [2, true])
  const seldom = await thalweg(['phases', 'fit', paths[0]!, '--every', '50'])
  assert.equal([seldom.code, /looked at 2 times/.test(seldom.stderr)], [66, true])
  const wrong = await thalweg(['phases', 'fit', paths[0]!, '--converged', 'loss=1'])
  assert.equal([wrong.code, /is not a condition/.test(wrong.stderr)], [2, true])
})

phases.run()
