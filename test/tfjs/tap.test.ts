import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadBackend, type TF } from '../../src/node/train/backends.ts'
import { type TapOptions, tap } from '../../src/tfjs/index.ts'
import type { DeltaFrame } from '../../src/wire/frame.ts'
import { replay } from '../support/replay.ts'

const test = suite('tap')
let tf: TF

test.before(async () => {
  tf = (await loadBackend('wasm')).tf
})

/** A network with weights of every kind, and data that it can learn from. */
function problem({ frozen = false } = {}) {
  const { dense, batchNormalization } = tf.layers
  const init = (seed: number) => tf.initializers.glorotUniform({ seed })
  const layers = [
    dense({
      name: 'hidden',
      inputShape: [6],
      units: 9,
      activation: 'tanh',
      kernelInitializer: init(1),
    }),
    batchNormalization({ name: 'norm' }),
    dense({ name: 'output', units: 3, activation: 'softmax', kernelInitializer: init(2) }),
  ]
  if (frozen) layers[0]!.trainable = false
  const model = tf.sequential({ layers })
  const optimizer = tf.train.momentum(0.05, 0.9)
  model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
  const x = tf.randomNormal([60, 6], 0, 1, 'float32', 3)
  const y = tf.oneHot(x.slice([0, 0], [60, 3]).argMax(1), 3)
  return { model, x, y }
}

async function fit(options: Omit<TapOptions, 'write'>, epochs = 3, setting = {}) {
  const { model, x, y } = problem(setting)
  const chunks: Uint8Array[] = []
  const write = (bytes: Uint8Array) => chunks.push(bytes.slice())
  const callbacks = tap(model, { write, ...options })
  await model.fit(x, y, { epochs, batchSize: 20, shuffle: false, verbose: 0, callbacks })
  const weights = model.weights.map((weight) => Float64Array.from(weight.read().dataSync()))
  return { runs: replay(chunks), weights, model }
}

test('gives bytes that stay as they are, to a writer that only puts them in a queue', async () => {
  const units = 300
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [400], units })] })
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
  const [x, y] = [tf.randomNormal([40, 400]), tf.randomNormal([40, units])]
  const queue: Uint8Array[] = []
  const copies: Uint8Array[] = []
  const write = (bytes: Uint8Array) => {
    copies.push(bytes.slice())
    return queue.push(bytes) > 0
  }
  await model.fit(x, y, { batchSize: 10, verbose: 0, callbacks: tap(model, { write }) })
  assert.ok(queue.every((bytes, i) => Buffer.compare(bytes, copies[i]!) === 0))
})

test('opens with every tensor, its role and whether it is trained', async () => {
  const { runs } = await fit({ run: 'mine', meta: { learningRate: 0.05 } })
  const [{ open }] = runs as [(typeof runs)[0]]
  assert.is(open.run, 'mine')
  assert.equal(open.meta, { learningRate: 0.05 })
  const told = open.tensors.map(({ name, shape, role, trainable }) => [
    name,
    shape,
    role,
    trainable,
  ])
  assert.equal(told, [
    ['hidden/kernel', [6, 9], 'kernel', true],
    ['hidden/bias', [9], 'bias', true],
    ['norm/gamma', [9], 'gamma', true],
    ['norm/beta', [9], 'beta', true],
    ['output/kernel', [9, 3], 'kernel', true],
    ['output/bias', [3], 'bias', true],
    ['norm/moving_mean', [9], 'moving_mean', false],
    ['norm/moving_variance', [9], 'moving_variance', false],
  ])
})

for (const [dtype, fraction] of [
  ['f32', 24],
  ['f64', 53],
  ['f16', 11],
  ['bf16', 8],
] as const) {
  test(`${dtype} deltas add up to the weights, to the rounding of the last one`, async () => {
    const { runs, weights } = await fit({ dtype }, 20)
    const [member] = runs[0]!.members
    assert.is(member!.step, 60)
    weights.forEach((tensor, i) => {
      tensor.forEach((weight, k) => {
        const error = Math.abs(member!.weights[i]![k]! - weight)
        const smallest = dtype === 'f16' ? 2 ** -25 : 0
        assert.ok(error <= Math.max(Math.abs(member!.last[i]![k]!) * 2 ** -fraction, smallest))
      })
    })
    assert.ok(member!.last[0]!.some((value) => value !== 0))
  })
}

test('tells loss, accuracy, epoch and base of the steps it records', async () => {
  const { runs } = await fit({ every: 2, start: 100 })
  const deltas = runs[0]!.frames.filter((frame) => frame.kind === 'delta') as DeltaFrame[]
  assert.equal(
    deltas.map(({ step, base, epoch }) => [step, base, epoch]),
    [
      [102, 100, 0],
      [104, 102, 1],
      [106, 104, 1],
      [108, 106, 2],
    ]
  )
  for (const { metrics } of deltas) {
    assert.equal(Object.keys(metrics!).sort(), ['accuracy', 'loss'])
    assert.ok(metrics!.loss! > 0 && metrics!.accuracy! >= 0 && metrics!.accuracy! <= 1)
  }
})

test('sends anchors at the start and as often as asked', async () => {
  const steps = async (anchorEvery?: number) =>
    (await fit({ anchorEvery })).runs[0]!.frames.filter((frame) => frame.kind === 'anchor').map(
      (frame) => (frame as DeltaFrame).step
    )
  assert.equal(await steps(), [0])
  assert.equal(await steps(4), [0, 4, 8])
})

test('says of a frozen layer that it is unchanged', async () => {
  const { model, x, y } = problem({ frozen: true })
  let bytes = 0
  const write = (chunk: Uint8Array) => {
    bytes += chunk.length
  }
  await model.fit(x, y, { epochs: 1, batchSize: 60, verbose: 0, callbacks: tap(model, { write }) })
  const moved = 4 * (2 * 9 + 9 * 3 + 3 + 2 * 9)
  const all = moved + 4 * (6 * 9 + 9)
  assert.ok(bytes > all + moved && bytes < all + moved + 1200, `${bytes} bytes`)
})

test('makes training wait for whoever writes', async () => {
  const { model, x, y } = problem()
  let writing = 0
  let most = 0
  let steps = 0
  const optimizer = model.optimizer
  const apply = optimizer.applyGradients.bind(optimizer)
  optimizer.applyGradients = (gradients) => {
    assert.is(writing, 0)
    steps++
    apply(gradients)
  }
  const write = async () => {
    most = Math.max(most, ++writing)
    await sleep(1)
    writing--
  }
  await model.fit(x, y, { epochs: 1, batchSize: 20, verbose: 0, callbacks: tap(model, { write }) })
  assert.is(steps, 3)
  assert.is(most, 1)
})

test('hands on weights that are not finite', async () => {
  const { model, x, y } = problem()
  const chunks: Uint8Array[] = []
  const write = (bytes: Uint8Array) => chunks.push(bytes.slice())
  model.compile({ optimizer: tf.train.sgd(1e38), loss: 'meanSquaredError' })
  await model.fit(x, y, { epochs: 3, batchSize: 60, verbose: 0, callbacks: tap(model, { write }) })
  const [member] = replay(chunks)[0]!.members
  const sent = member!.weights.map((tensor) => tensor.filter(Number.isNaN).length)
  const own = model.weights.map((weight) => weight.read().dataSync().filter(Number.isNaN).length)
  assert.ok(own.some((count) => count > 0))
  assert.equal(sent, own)
})

test('begins a run with each fit', async () => {
  const { model, x, y } = problem()
  const chunks: Uint8Array[] = []
  const callbacks = tap(model, { write: (bytes) => chunks.push(bytes.slice()) })
  for (const epochs of [1, 2])
    await model.fit(x, y, { epochs, batchSize: 20, verbose: 0, callbacks })
  assert.equal(
    replay(chunks).map((run) => run.members[0]!.step),
    [3, 6]
  )
})

test.run()
