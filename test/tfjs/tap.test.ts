import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadBackend, type TF } from '../../src/node/train/backends.ts'
import { type Tap, type TapOptions, tap } from '../../src/tfjs/index.ts'
import { fromF16 } from '../../src/wire/dtype.ts'
import type { DeltaFrame } from '../../src/wire/frame.ts'
import { FrameReader } from '../../src/wire/reader.ts'
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

test('stands beside callbacks of TF.js and plain ones, in any order', async () => {
  const stopping = () => tf.callbacks.earlyStopping({ monitor: 'loss', patience: 5 })
  const lists: Record<string, (own: Tap, count: () => void) => unknown[]> = {
    alone: (own) => [own],
    'before a callback of TF.js': (own) => [own, stopping()],
    'behind one': (own) => [stopping(), own],
    'before a plain one': (own, count) => [own, { onBatchEnd: count }],
    'behind a plain one': (own, count) => [{ onBatchEnd: count }, own],
    'between both': (own, count) => [stopping(), own, { onBatchEnd: count }],
  }
  for (const [what, list] of Object.entries(lists)) {
    const { model, x, y } = problem()
    const chunks: Uint8Array[] = []
    let batches = 0
    const own = tap(model, { write: (bytes) => chunks.push(bytes) })
    const callbacks = list(own, () => batches++) as never
    await model.fit(x, y, { epochs: 2, batchSize: 20, verbose: 0, callbacks })
    const [run] = replay(chunks)
    assert.is(run!.members[0]!.step, 6, what)
    assert.ok(/plain|both/.test(what) ? batches === 6 : batches === 0, what)
  }
})

test('tells the loss as a number whoever asks first', async () => {
  const { model, x, y } = problem()
  const frames: Uint8Array[] = []
  const callbacks = [
    tap(model, { write: (bytes) => frames.push(bytes) }),
    tf.callbacks.earlyStopping(),
  ]
  await model.fit(x, y, {
    epochs: 2,
    batchSize: 20,
    verbose: 0,
    validationData: [x, y],
    callbacks: callbacks as never,
  })
  const reader = new FrameReader()
  for (const bytes of frames) reader.push(bytes)
  const losses: unknown[] = []
  for (let frame = reader.next(); frame; frame = reader.next()) {
    if (frame.kind === 'delta') losses.push(frame.metrics!.loss)
  }
  assert.is(losses.length, 6)
  assert.ok(losses.every((loss) => typeof loss === 'number' && loss > 0))
})

/** Trains with weights that somebody changes behind a batch; gives what came and the weights at the end. */
async function disturbed(options: Omit<TapOptions, 'write'>, change: (batch: number) => void) {
  const { model, x, y } = problem()
  // Momentum would keep what is not finite.
  model.compile({ optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError' })
  const chunks: Uint8Array[] = []
  let batch = 0
  const trouble = { onBatchEnd: () => change.call(model, ++batch) }
  const own = tap(model, { ...options, write: (bytes) => chunks.push(bytes.slice()) })
  const callbacks = [trouble, own] as never
  await model.fit(x, y, { epochs: 10, batchSize: 20, verbose: 0, callbacks })
  return { chunks, weights: model.weights.map((weight) => weight.read().dataSync()) }
}

type Model = ReturnType<typeof problem>['model']

/** Steps that a reader drops, and the weights that it has at the end. */
function read(chunks: readonly Uint8Array[]) {
  const lost = new Set<number>()
  const reader = new FrameReader()
  for (const bytes of chunks) reader.push(bytes)
  for (let frame = reader.next(); frame; frame = reader.next()) {
    if (frame.kind !== 'delta') continue
    const values = frame.data.flatMap((data) =>
      data instanceof Uint8Array ? [...decoded(data, frame.dtype ?? 'f32')] : []
    )
    if (!values.every(Number.isFinite)) lost.add(frame.step)
  }
  return { lost, member: replay(chunks)[0]!.members[0]! }
}

function decoded(bytes: Uint8Array, dtype: string): Float32Array {
  const own = bytes.slice().buffer
  return dtype === 'f32' ? new Float32Array(own) : Float32Array.from(new Uint16Array(own), fromF16)
}

test('loses a step or two to weights that are not finite once, and none after', async () => {
  let kept: ReturnType<Model['getWeights']>
  function change(this: Model, batch: number) {
    if (batch === 4) kept = this.getWeights().map((weight) => weight.clone())
    if (batch === 5) {
      const spoilt = (w: (typeof kept)[number], i: number) =>
        i === 0 ? tf.fill(w.shape, Number.NaN) : w
      this.setWeights(this.getWeights().map(spoilt))
    }
    if (batch === 6) this.setWeights(kept)
  }
  const { chunks, weights } = await disturbed({}, change)
  const { lost, member } = read(chunks)
  assert.ok(lost.size >= 1 && lost.size <= 2, `${lost.size} steps are lost`)
  member.weights.forEach((own, t) => {
    own.forEach((value, i) => {
      assert.ok(Math.abs(value - weights[t]![i]!) < 1e-5)
    })
  })
})

test('makes up for a jump beyond its element type by an anchor', async () => {
  function change(this: Model, batch: number) {
    if (batch === 5) this.setWeights(this.getWeights().map((weight) => weight.add(1e6)))
  }
  const { chunks, weights } = await disturbed({ dtype: 'f16' }, change)
  const { lost, member } = read(chunks)
  assert.equal([...lost], [5])
  member.weights.forEach((own, t) => {
    own.forEach((value, i) => {
      assert.ok(Math.abs(value / weights[t]![i]! - 1) < 1e-3)
    })
  })
})

test("leaves out figures that are no numbers, in a loop of one's own", async () => {
  const { model } = problem()
  const chunks: Uint8Array[] = []
  const gone = tf.scalar(1)
  gone.dispose()
  const own = tap(model, { write: (bytes) => chunks.push(bytes.slice()) })
  await own.onTrainBegin()
  await own.onBatchEnd(0, { loss: tf.scalar(2), gone, text: 'x', none: undefined })
  await own.onTrainEnd()
  const last = replay(chunks)[0]!.frames.find((frame) => frame.kind === 'delta')
  assert.equal((last as DeltaFrame).metrics, { loss: 2 })
})

for (const [what, options] of [
  ['an element type that is none', { dtype: 'f8' as never }],
  ['a writer that throws nothing', { write: () => Promise.reject() }],
] as const) {
  test(`lets training go on with ${what}, and says so once`, async () => {
    const { error } = console
    const said: string[] = []
    console.error = (text: string) => void said.push(text)
    try {
      const { model, x, y } = problem()
      const callbacks = tap(model, { write() {}, ...options })
      await model.fit(x, y, { epochs: 2, batchSize: 20, verbose: 0, callbacks })
    } finally {
      console.error = error
    }
    assert.is(said.length, 1)
    assert.match(said[0]!, /^thalweg: the stream has ended, training continues: /)
  })
}

test('lets training go on where nobody can write, unless it is strict', async () => {
  const failing = () => Promise.reject(new Error('the disk is full'))
  const { error } = console
  const said: string[] = []
  console.error = (text: string) => void said.push(text)
  try {
    const { model, x, y } = problem()
    const callbacks = tap(model, { write: failing })
    await model.fit(x, y, { epochs: 2, batchSize: 20, verbose: 0, callbacks })
  } finally {
    console.error = error
  }
  assert.equal(said, ['thalweg: the stream has ended, training continues: the disk is full'])
  const { model, x, y } = problem()
  const callbacks = tap(model, { write: failing, strict: true })
  const thrown = await model
    .fit(x, y, { epochs: 1, batchSize: 20, verbose: 0, callbacks })
    .then(String, String)
  assert.match(thrown, 'the disk is full')
})

test.run()
