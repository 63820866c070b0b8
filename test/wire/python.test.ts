import { execFileSync, spawnSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeNumbers, encodeNumbers } from '../../src/wire/dtype.ts'
import type { DeltaFrame } from '../../src/wire/frame.ts'
import { joined } from '../../src/wire/joined.ts'
import { frameWriter } from '../../src/wire/writer.ts'
import { chunkings, read } from './streams.ts'

const python = suite("Python's msgpack")
const missing = spawnSync('python3', ['-c', 'import msgpack']).status !== 0
const test = missing ? python.skip : python

const writes = `
import msgpack, struct, sys
out = lambda **frame: sys.stdout.buffer.write(msgpack.packb(frame))
f32 = lambda *x: struct.pack(f'<{len(x)}f', *x)
tensors = [dict(name='fc.weight', shape=(2, 3), dtype='f32', role='weight', trainable=True), dict(name='s', shape=(), dtype='f64')]
out(kind='open', version=1, run='python', tensors=tensors, members=2, coupled=True, meta=dict(learningRate=0.1, batchSize=32, note=None))
out(kind='anchor', step=0, data=[f32(1, 2, 3, 4, 5, 6), struct.pack('<d', 0.1)])
out(kind='delta', step=1, base=0, epoch=0.5, metrics=dict(loss=float('nan'), accuracy=1), data=[f32(*[0.5] * 6), None])
out(kind='delta', step=2.0, member=1, data=[dict(i=struct.pack('<2I', 1, 4), v=f32(7, 8)), [2.5]])
out(kind='delta', step=3, data=[dict(o=2, b=f32(9)), None])
out(kind='metrics', step=3, metrics=dict(accuracy=0.75))
out(kind='close', frames=5)
`

test('writes a stream that we read', () => {
  const stream = new Uint8Array(execFileSync('python3', ['-c', writes]))
  const { frames, end, error } = read(stream)
  assert.is(error, undefined, error?.message)
  assert.is(end, 'closed')
  for (const { name, size } of chunkings(4)) assert.equal(read(stream, size).frames, frames, name)
  assert.equal(frames[0], {
    kind: 'open',
    version: 1,
    run: 'python',
    tensors: [
      {
        name: 'fc.weight',
        shape: [2, 3],
        dtype: 'f32',
        role: 'weight',
        trainable: true,
        elements: 6,
      },
      { name: 's', shape: [], dtype: 'f64', elements: 1 },
    ],
    members: 2,
    coupled: true,
    meta: { learningRate: 0.1, batchSize: 32, note: null },
    offset: 0,
    bytes: frames[1]!.offset,
  })
  const [, , dense, sparse, range] = frames as DeltaFrame[]
  assert.equal(dense!.data, [encodeNumbers(Array(6).fill(0.5), 'f32'), null])
  assert.equal(dense!.metrics, { loss: Number.NaN, accuracy: 1 })
  assert.is(sparse!.step, 2)
  assert.is(sparse!.member, 1)
  const { i, v } = sparse!.data[0] as { i: Uint8Array; v: Uint8Array }
  assert.equal([...i], [1, 0, 0, 0, 4, 0, 0, 0])
  assert.equal([...decodeNumbers(v, 'f32')], [7, 8])
  assert.equal([...decodeNumbers(sparse!.data[1] as Uint8Array, 'f64')], [2.5])
  assert.equal(range!.data[0], { o: 2, b: encodeNumbers([9], 'f32') })
})

const reads = `
import json, msgpack, struct, sys
def plain(value):
    if isinstance(value, bytes): return value.hex()
    if isinstance(value, list): return [plain(each) for each in value]
    if isinstance(value, dict): return {key: plain(each) for key, each in value.items()}
    return value
print(json.dumps([plain(frame) for frame in msgpack.Unpacker(sys.stdin.buffer)]))
`

test('reads a stream that we wrote', () => {
  const fold = { elements: 1e9, seed: 7, first: 0 }
  const tensors = [{ name: 'w', shape: [40_000], dtype: 'f32', fold }] as const
  const writer = frameWriter({ run: 'us', tensors, meta: { seed: 3 }, partBytes: 100_000 })
  const values = Float32Array.from({ length: 40_000 }, (_, i) => Math.sqrt(i))
  const input = joined([
    ...writer.open(),
    ...writer.anchor({ step: 2 ** 33, data: [values] }),
    ...writer.delta({
      step: 2,
      base: 1,
      metrics: { loss: 0.5 },
      data: [{ i: Uint32Array.of(3), v: [1] }],
    }),
    ...writer.delta({ step: 3, stride: 4, dtype: 'bf16', data: [{ o: 7, b: [1, 2] }] }),
    ...writer.metrics({ step: 3, metrics: { loss: 0.25 } }),
    ...writer.close(),
  ])
  const frames = JSON.parse(
    execFileSync('python3', ['-c', reads], { input, maxBuffer: 2 ** 24 }).toString()
  )
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  const all = hex(encodeNumbers(values, 'f32'))
  assert.equal(frames, [
    { kind: 'open', version: 1, run: 'us', tensors, meta: { seed: 3 } },
    { kind: 'anchor', step: 2 ** 33, more: true, data: [{ o: 0, b: all.slice(0, 200_000) }] },
    { kind: 'anchor', step: 2 ** 33, data: [{ o: 25_000, b: all.slice(200_000) }] },
    {
      kind: 'delta',
      step: 2,
      base: 1,
      metrics: { loss: 0.5 },
      data: [{ i: '03000000', v: '0000803f' }],
    },
    { kind: 'delta', step: 3, stride: 4, dtype: 'bf16', data: [{ o: 7, b: '803f0040' }] },
    { kind: 'metrics', step: 3, metrics: { loss: 0.25 } },
    { kind: 'close', frames: 5 },
  ])
})

python.run()
