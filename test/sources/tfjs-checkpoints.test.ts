// Checkpoints as TF.js saves them: by tfjs-node's own file handler, in shards, quantised, with an optimizer's state.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkpoints } from '../../src/sources/checkpoints/index.ts'
import type { DeltaFrame } from '../../src/wire/frame.ts'
import { collect, replay } from '../support/replay.ts'

const source = suite('checkpoints of TF.js')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
source.before(async () => {
  await tf.setBackend('cpu')
})
source.after(() => rmSync(folder, { recursive: true }))

// What tfjs-node saves by under file:// needs none of its native library.
const { fileSystem } = createRequire(import.meta.url)(
  '@tensorflow/tfjs-node/dist/io/file_system.js'
) as { fileSystem(path: string): tf.io.IOHandler }

const read = async (path: string) => {
  const { signal } = new AbortController()
  return replay(await collect(checkpoints.definition.open({ path }, signal)))[0]!
}

/** A network that has been trained a little. */
async function trained(): Promise<tf.LayersModel> {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 4, inputShape: [3], activation: 'tanh', name: 'hidden' }),
      tf.layers.dense({ units: 1, name: 'out' }),
    ],
  })
  model.compile({ optimizer: tf.train.adam(0.1), loss: 'meanSquaredError' })
  return model
}

const train = (model: tf.LayersModel) => model.trainOnBatch(tf.ones([2, 3]), tf.zeros([2, 1]))
const deltasOf = (frames: Awaited<ReturnType<typeof read>>['frames']): DeltaFrame[] =>
  frames.filter(({ kind }) => kind === 'delta') as DeltaFrame[]
const valuesOf = (model: tf.LayersModel): number[] =>
  model.getWeights().flatMap((weight) => [...weight.dataSync()])

source('saved by steps, the optimizer beside the weights: where the deltas lead', async () => {
  const model = await trained()
  const path = join(folder, 'steps')
  mkdirSync(path)
  for (const step of [9, 10, 100]) {
    await train(model)
    await model.save(fileSystem(`${path}/step-${step}`), { includeOptimizer: true })
  }
  const manifest = JSON.parse(readFileSync(join(path, 'step-9', 'model.json'), 'utf8'))
  const groups = manifest.weightsManifest.flatMap((own: { weights: { group?: string }[] }) =>
    own.weights.map(({ group }) => group)
  )
  assert.ok(groups.includes('optimizer'), 'TF.js has saved the optimizer too')
  const { open, frames, members } = await read(path)
  assert.equal(
    open.tensors.map(({ name, shape }) => [name, shape]),
    [
      ['hidden/kernel', [3, 4]],
      ['hidden/bias', [4]],
      ['out/kernel', [4, 1]],
      ['out/bias', [1]],
    ]
  )
  const steps = deltasOf(frames).map(({ step }) => step)
  assert.equal(steps, [10, 100])
  near(
    members[0]!.weights.flatMap((own) => [...own]),
    valuesOf(model),
    1e-6
  )
})

/** Files of a model in shards of so many bytes, as TF.js's converter cuts them. */
function inShards(at: string, model: object, specs: object, data: ArrayBuffer, bytes: number) {
  mkdirSync(at, { recursive: true })
  const count = Math.ceil(data.byteLength / bytes)
  const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`)
  paths.forEach((path, i) => {
    writeFileSync(join(at, path), new Uint8Array(data.slice(i * bytes, (i + 1) * bytes)))
  })
  const weightsManifest = [{ paths, weights: specs }]
  writeFileSync(join(at, 'model.json'), JSON.stringify({ ...model, weightsManifest }))
}

const near = (found: readonly number[], expected: readonly number[], by: number) => {
  assert.is(found.length, expected.length)
  found.forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]!) <= by, `${i}: ${value} for ${expected[i]}`)
  })
}

source('in shards that cut tensors, the step in the metadata, other types left out', async () => {
  const path = join(folder, 'shards')
  const names = ['b', 'a']
  let last: tf.NamedTensorMap = {}
  for (const [i, step] of [5, 7].entries()) {
    const values = tf.randomNormal([3, 5], 0, 1, 'float32', step)
    last = {
      words: tf.tensor1d(['one', 'twenty']),
      count: tf.tensor1d([step], 'int32'),
      mask: tf.tensor1d([true, false, true], 'bool'),
      wave: tf.complex([1, 2], [3, 4]),
      w: values,
    }
    const { data, specs } = await tf.io.encodeWeights(last)
    const model = { format: 'layers-model', userDefinedMetadata: { step } }
    inShards(join(path, names[1 - i]!), model, specs, data, 17)
  }
  writeFileSync(join(path, 'config.json'), '{}')
  const { open, frames, members } = await read(path)
  assert.equal(
    open.tensors.map(({ name }) => name),
    ['w']
  )
  const delta = deltasOf(frames)[0]!
  assert.equal([delta.step, delta.base], [7, 5])
  near([...members[0]!.weights[0]!], [...last.w!.dataSync()], 1e-6)
})

source('quantised weights are what TF.js makes of them', async () => {
  const path = join(folder, 'quantised')
  const specs: tf.io.WeightsManifestEntry[] = [
    {
      name: 'byte',
      shape: [4],
      dtype: 'float32',
      quantization: { dtype: 'uint8', scale: 0.1, min: -3 },
    },
    {
      name: 'word',
      shape: [2],
      dtype: 'float32',
      quantization: { dtype: 'uint16', scale: 1e-3, min: 2 },
    },
    {
      name: 'half',
      shape: [3],
      dtype: 'float32',
      quantization: { dtype: 'float16', original_dtype: 'float32' } as never,
    },
  ]
  let data = new ArrayBuffer(0)
  for (const step of [1, 2]) {
    const halves = Uint16Array.of(0x3c00 + step, 0xc000, 0x0001)
    data = Uint8Array.from([
      0,
      1,
      255,
      step,
      7,
      0,
      255,
      255,
      ...new Uint8Array(halves.buffer),
    ]).buffer
    inShards(join(path, `step-${step}`), { format: 'graph-model' }, specs, data, 1000)
  }
  const told = tf.io.decodeWeights(data, specs)
  const { members } = await read(path)
  members[0]!.weights.forEach((own, i) => {
    near([...own], [...told[specs[i]!.name]!.dataSync()], 1e-6)
  })
})

source('as a browser downloads them: the files side by side', async () => {
  const model = await trained()
  const path = join(folder, 'downloads')
  for (const step of [1, 2]) {
    await train(model)
    const at = join(folder, `saved-${step}`)
    await model.save(fileSystem(at))
    const saved = JSON.parse(readFileSync(join(at, 'model.json'), 'utf8'))
    const weights = `step-${step}.weights.bin`
    saved.weightsManifest[0].paths = [weights]
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, weights), readFileSync(join(at, 'weights.bin')))
    writeFileSync(join(path, `step-${step}.json`), JSON.stringify(saved))
  }
  const { members } = await read(path)
  near(
    members[0]!.weights.flatMap((own) => [...own]),
    valuesOf(model),
    1e-6
  )
})

source('says what is wrong with a model', async () => {
  const said = (name: string, model: object, bytes: number) => {
    const at = join(folder, name, 'step-1')
    mkdirSync(at, { recursive: true })
    writeFileSync(join(at, 'weights.bin'), new Uint8Array(bytes))
    writeFileSync(join(at, 'model.json'), JSON.stringify(model))
    return read(join(folder, name)).then(
      () => 'nothing',
      (error: Error) => error.message
    )
  }
  const manifest = (paths: string[], ...weights: object[]) => ({
    weightsManifest: [{ paths, weights }],
  })
  const w = { name: 'w', shape: [2], dtype: 'float32' }
  const bin = ['weights.bin']
  assert.match(await said('cut', manifest(bin, w), 4), /tensor "w" is cut off/)
  assert.match(await said('more', manifest(bin, w), 12), /hold more than it names/)
  assert.match(await said('gone', manifest(['x.bin'], w), 8), /shard "x.bin" is not there/)
  assert.match(await said('out', manifest(['../x.bin'], w), 8), /not a shard in its folder/)
  assert.match(await said('odd', manifest(bin, { ...w, dtype: 'f8' }), 8), /of f8, which is not/)
  assert.match(await said('half', { weightsManifest: [{}] }, 8), /no "weightsManifest"/)
})

source.run()
