import { once } from 'node:events'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { replay } from '../../support/replay.ts'
import { ended, start, thalweg } from '../../support/thalweg.ts'

const test = suite('thalweg train')
const quick = ['train', 'iris-chaos', '--members', '2', '--backend', 'wasm']

test('writes a stream and nothing else to stdout, the rest to stderr', async () => {
  const child = start([...quick, '--steps', '5', '--seed', '3'])
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const { code, stderr } = await ended(child)
  const [{ open, members }] = replay(chunks) as [ReturnType<typeof replay>[0]]
  assert.is(code, 0)
  assert.equal([open.run, open.meta.seed, open.meta.backend], ['iris-chaos', 3, 'wasm'])
  assert.equal(
    members.map((member) => member.step),
    [5, 5]
  )
  assert.match(stderr, 'train: training with TF.js on its WASM backend\n')
  assert.match(stderr, /train: step 5 of 5 · loss [\d.]+ · [\d.]+ steps\/s\n$/)
})

test('closes the stream when it is interrupted', async () => {
  const child = start([...quick, '--steps', '1000000', '--quiet'])
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  const { code, stderr } = await ended(child)
  assert.is(code, 130)
  assert.is(stderr, '')
  assert.ok(replay(chunks)[0]!.frames.length > 2)
})

test('ends well when its reader goes', async () => {
  const child = start([...quick, '--steps', '1000000', '--quiet'])
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const [code] = await once(child, 'exit')
  assert.is(code, 0)
})

test('knows its recipes', async () => {
  const { code, stderr } = await thalweg(['train', 'iris-chaoss'])
  assert.is(code, 2)
  assert.match(stderr, 'Did you mean iris-chaos?')
})

test.run()
