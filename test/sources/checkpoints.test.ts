import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkpoints } from '../../src/sources/checkpoints/index.ts'
import type { DeltaFrame } from '../../src/wire/frame.ts'
import { hasPython, python } from '../support/python.ts'
import { collect, replay } from '../support/replay.ts'
import { thalweg } from '../support/thalweg.ts'

const source = suite('source checkpoints')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
source.after(() => rmSync(folder, { recursive: true }))

const read = async (path: string) => {
  const { signal } = new AbortController()
  return replay(await collect(checkpoints.definition.open({ path }, signal)))[0]!
}

/** Writes checkpoints as trainers do, and what they hold as JSON. */
const program = `
import json, os, sys
import numpy, torch
from safetensors.torch import save_file
root = sys.argv[1]
torch.manual_seed(0)
def weights(step):
    torch.manual_seed(step)
    return {'layer.weight': torch.randn(3, 5), 'layer.bias': torch.randn(5).double(), 'half': torch.randn(4).bfloat16(),
            'small': torch.randn(2, 2).half(), 'scalar': torch.tensor(float(step)), 'count': torch.tensor([step])}
held = {}
for kind in ['files', 'meta', 'shards', 'npz', 'columns', 'deflated']:
    os.makedirs(f'{root}/{kind}')
for step in [20, 100, 1000]:
    own = weights(step)
    held[step] = {k: v.double().flatten().tolist() for k, v in own.items()}
    save_file(own, f'{root}/files/model-{step}.safetensors')
    save_file(own, f'{root}/meta/{"abc"[[20, 100, 1000].index(step)]}.safetensors', metadata={'step': str(step)})
    at = f'{root}/shards/checkpoint-{step}'
    os.makedirs(at)
    split = {'layer.weight': 1, 'layer.bias': 1, 'half': 2, 'small': 2, 'scalar': 2, 'count': 2}
    name = lambda n: f'model-{n:05}-of-00002.safetensors'
    for n in [1, 2]:
        save_file({k: v for k, v in own.items() if split[k] == n}, f'{at}/{name(n)}')
    json.dump({'weight_map': {k: name(n) for k, n in split.items()}}, open(f'{at}/model.safetensors.index.json', 'w'))
    save_file(own, f'{at}/optimizer.safetensors')
    arrays = {k: v.float().numpy() if v.dtype == torch.bfloat16 else v.numpy() for k, v in own.items()}
    numpy.savez(f'{root}/npz/step_{step}.npz', **arrays)
    numpy.savez(f'{root}/columns/step_{step}.npz', **{k: numpy.asfortranarray(v) for k, v in arrays.items()})
    numpy.savez_compressed(f'{root}/deflated/step_{step}.npz', **arrays)
print(json.dumps(held))
`
const isHere = hasPython('numpy', 'torch', 'safetensors')
const pythonTest = isHere ? source : source.skip
const held: { readonly [step: string]: { readonly [tensor: string]: readonly number[] } } = isHere
  ? python(program, folder)
  : {}

for (const kind of ['files', 'meta', 'shards', 'npz', 'columns', 'deflated']) {
  pythonTest(`${kind}: in order of step, and where the deltas lead`, async () => {
    const { open, frames, members } = await read(join(folder, kind))
    const names = open.tensors.map(({ name }) => name)
    assert.equal(names.toSorted(), ['half', 'layer.bias', 'layer.weight', 'scalar', 'small'])
    assert.is(open.tensors.find(({ name }) => name === 'layer.bias')!.dtype, 'f64')
    const deltas = frames.filter(({ kind }) => kind === 'delta') as DeltaFrame[]
    const steps = deltas.map(({ step, base, stride }) => [step, base, stride])
    assert.equal(steps, [
      [100, 20, 80],
      [1000, 100, 900],
    ])
    names.forEach((name, i) => {
      const [last, first] = [held['1000']![name]!, held['20']![name]!]
      members[0]!.weights[i]!.forEach((value, k) => {
        const size = Math.abs(last[k]!) + Math.abs(first[k]!) + 1
        assert.ok(Math.abs(value - last[k]!) < 1e-6 * size, `${name}[${k}]: ${value}, ${last[k]}`)
      })
    })
  })
}

/** A file of one f32 tensor. */
function safetensors(values: readonly number[], name = 'w'): Buffer {
  const entry = { dtype: 'F32', shape: [values.length], data_offsets: [0, 4 * values.length] }
  const header = Buffer.from(JSON.stringify({ [name]: entry }))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, Buffer.from(Float32Array.from(values).buffer)])
}

source('through the command line', async () => {
  const path = join(folder, 'run')
  mkdirSync(path)
  for (let step = 1; step <= 40; step++) {
    const values = [0, 1, 2].map((i) => Math.cos(step / (3 + i)))
    writeFileSync(join(path, `step-${step}.safetensors`), safetensors(values))
  }
  const pipeline = join(folder, 'p.json')
  const text = JSON.stringify({ source: { type: 'checkpoints', path }, stages: [{ type: 'path' }] })
  writeFileSync(pipeline, text)
  const { code, stdout, stderr } = await thalweg(['run', pipeline, '--quiet'])
  assert.is(code, 0, stderr)
  const last = JSON.parse(stdout.trim().split('\n').at(-1)!)
  assert.is(last.run, 'run')
  assert.is(last.values.end, 'closed')
  assert.is(last.values.steps, 39)
})

source('says what is wrong with a folder, and with a checkpoint', async () => {
  const at = (name: string, files: { readonly [file: string]: Buffer | string }) => {
    mkdirSync(join(folder, name))
    for (const [file, content] of Object.entries(files)) {
      writeFileSync(join(folder, name, file), content)
    }
    return join(folder, name)
  }
  const said = (path: string) =>
    read(path).then(
      () => 'nothing',
      (error: Error) => error.message
    )
  const one = safetensors([1, 2])
  assert.match(await said(join(folder, 'nowhere')), /cannot be read/)
  assert.match(await said(at('empty', { 'a.txt': '' })), /has no checkpoints/)
  assert.match(await said(at('cut', { '1.safetensors': one.subarray(0, -1) })), /"w" is cut off/)
  assert.match(await said(at('tiny', { '1.safetensors': 'abc' })), /it is cut off/)
  assert.match(await said(at('text', { '1.safetensors': 'a text that is long' })), /cut off/)
  assert.match(await said(at('zip', { '1.npz': 'PK' })), /not a whole \.npz/)
  const other = { '1.safetensors': one, '2.safetensors': safetensors([1, 2, 3]) }
  assert.match(await said(at('shape', other)), /tensor "w" is \[3\], and was \[2\]/)
  const gone = { '1.safetensors': one, '2.safetensors': safetensors([1, 2], 'v') }
  assert.match(await said(at('gone', gone)), /tensor "w" of the checkpoint before is not in it/)
  const twice = { 'a-1.safetensors': one, 'b-1.safetensors': one }
  assert.match(await said(at('twice', twice)), /b-1.* is of step 1, and "a-1.* before it of 1\./)
  const best = { 'best.safetensors': one, 'step-0.safetensors': one }
  assert.match(await said(at('best', best)), /The name "best\.safetensors" says no step/)
})

source.run()
