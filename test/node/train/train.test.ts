import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadBackend } from '../../../src/node/train/backends.ts'
import { iris, mnist, mnistStandard, sparseParityBits } from '../../../src/node/train/dataset.ts'
import type { TrainOptions } from '../../../src/node/train/options.ts'
import type { Recipe } from '../../../src/node/train/recipe.ts'
import { irisChaos } from '../../../src/node/train/recipes/iris-chaos.ts'
import { mnistLenet } from '../../../src/node/train/recipes/mnist-lenet.ts'
import { mnistMlp } from '../../../src/node/train/recipes/mnist-mlp.ts'
import { mnistTanh } from '../../../src/node/train/recipes/mnist-tanh.ts'
import { mnistWidth } from '../../../src/node/train/recipes/mnist-width.ts'
import { sparseParity } from '../../../src/node/train/recipes/sparse-parity.ts'
import { type TrainHooks, train } from '../../../src/node/train/train.ts'
import type { DeltaFrame } from '../../../src/wire/frame.ts'
import { collect, replay } from '../../support/replay.ts'

const test = suite('train')
const native = await loadBackend('tensorflow').catch(() => undefined)
const nativeTest = native ? test : test.skip

const bytes = async (recipe: Recipe, options: TrainOptions, hooks?: TrainHooks) =>
  Buffer.concat(await collect(train(recipe, { backend: 'wasm', ...options }, hooks)))
const run = async (recipe: Recipe, options: TrainOptions, hooks?: TrainHooks) =>
  replay([await bytes(recipe, options, hooks)])[0]!
const deltas = ({ frames }: Awaited<ReturnType<typeof run>>) =>
  frames.filter((frame) => frame.kind === 'delta') as DeltaFrame[]

test('the same options give the same bytes, another seed gives others', async () => {
  for (const [recipe, options] of [
    [irisChaos, { steps: 10 }],
    [mnistMlp, { steps: 3 }],
    [mnistLenet, { steps: 1, batch: 8 }],
    [mnistTanh, { steps: 1, batch: 8 }],
    [mnistWidth, { steps: 3 }],
    [sparseParity, { steps: 3 }],
  ] as const) {
    const first = await bytes(recipe, options)
    assert.ok(first.equals(await bytes(recipe, options)), recipe.name)
    assert.not.ok(first.equals(await bytes(recipe, { ...options, seed: 1 })), recipe.name)
  }
})

test('a step is one of gradient descent on the mean cross-entropy of all samples', async () => {
  const options = { members: 1, learningRate: 0.5, dtype: 'f64' } as const
  const { members } = await run(irisChaos, { ...options, steps: 4 })
  const start = (await run(irisChaos, { ...options, steps: 1, learningRate: 0 })).members[0]!
    .weights
  const expected = descend(start, 4, 0.5)
  members[0]!.weights.forEach((tensor, i) => {
    tensor.forEach((weight, k) => {
      assert.ok(Math.abs(weight - expected[i]![k]!) < 2e-6)
    })
  })
})

test('weight decay takes its share of kernels, and nothing of biases, at the first step', async () => {
  for (const optimizer of ['sgd', 'momentum', 'adamw'] as const) {
    const options = { members: 1, steps: 1, learningRate: 0.1, optimizer, dtype: 'f64' } as const
    const start = (await run(irisChaos, { ...options, learningRate: 0 })).members[0]!.weights
    const [plain, decayed] = await Promise.all(
      [0, 0.5].map(async (weightDecay) => run(irisChaos, { ...options, weightDecay }))
    )
    assert.is(plain!.open.meta.weightDecay, undefined)
    assert.is(decayed!.open.meta.weightDecay, 0.5)
    decayed!.members[0]!.weights.forEach((tensor, i) => {
      const share = decayed!.open.tensors[i]!.role === 'kernel' ? 0.1 * 0.5 : 0
      tensor.forEach((weight, k) => {
        const expected = plain!.members[0]!.weights[i]![k]! - share * start[i]![k]!
        assert.ok(Math.abs(weight - expected) < 1e-6, optimizer)
      })
    })
  }
})

test('the classes of sparse parity are the parity of three bits', () => {
  const { size, width, inputs, labels } = sparseParityBits()
  for (let i = 0; i < size; i++) {
    const ones = [0, 1, 2].filter((j) => inputs[i * width + j] === 1).length
    assert.is(labels[i], (3 - ones) % 2)
  }
  const odd = Array.from(labels).filter((label) => label === 1).length
  assert.ok(odd > 400 && odd < 600)
})

test('MNIST has 10,000 test images beside its training images', () => {
  const { size, inputs, labels, width } = mnist('t10k')
  assert.is(size, 10_000)
  assert.is(inputs.length, size * width)
  assert.equal(Array.from(labels).slice(0, 5), [7, 2, 1, 0, 4])
})

test('members are perturbed in their kernels alone, by at most epsilon', async () => {
  const epsilon = 1e-2
  const { members, open } = await run(irisChaos, { steps: 1, learningRate: 0, members: 4, epsilon })
  const [own, ...twins] = members.map((member) => member.weights)
  const offsets = twins.map((twin) =>
    twin.map((tensor, i) => tensor.map((w, k) => w - own![i]![k]!))
  )
  for (const offset of offsets) {
    open.tensors.forEach(({ role }, i) => {
      const largest = Math.max(...offset[i]!.map(Math.abs))
      if (role === 'kernel') assert.ok(largest > 0.8 * epsilon && largest <= epsilon + 1e-7)
      else assert.is(largest, 0)
    })
  }
  assert.not.equal(offsets[0], offsets[1])
  assert.ok(open.coupled)
  assert.is(open.meta.epsilon, epsilon)
})

test('members see the same batches: without a perturbation they stay one', async () => {
  const { members } = await run(mnistMlp, { steps: 3, members: 2, epsilon: 0 })
  assert.equal(members[0]!.weights, members[1]!.weights)
})

test('what member 0 does depends on no other member', async () => {
  const alone = await run(mnistMlp, { steps: 2, members: 1 })
  const among = await run(mnistMlp, { steps: 2, members: 2 })
  assert.equal(alone.members[0]!.weights, among.members[0]!.weights)
  assert.not.ok(alone.open.coupled)
  assert.is(alone.open.meta.epsilon, undefined)
})

test('learns, and tells how far it is at the steps it records', async () => {
  const options = { steps: 40, every: 5, optimizer: 'adam', learningRate: 0.003 } as const
  const frames = deltas(await run(mnistMlp, options))
  assert.is(frames.length, 8)
  const [first, last] = [frames[0]!, frames[7]!]
  assert.equal([last.base, last.step, last.epoch], [35, 40, (40 * 64) / 60_000])
  assert.ok(last.metrics!.loss! < first.metrics!.loss! / 2)
  assert.ok(last.metrics!.accuracy! > 0.75)
})

test('a signal ends training and closes the stream', async () => {
  const controller = new AbortController()
  const hooks = {
    signal: controller.signal,
    onStep: (step: number) => {
      if (step === 3) controller.abort()
    },
  }
  const { members } = await run(irisChaos, { steps: 1000, members: 1 }, hooks)
  assert.is(members[0]!.step, 3)
})

test('leaves no tensors behind, whether it ends or is left', async () => {
  const { tf } = await loadBackend('wasm')
  const before = tf.memory().numTensors
  await bytes(mnistMlp, { steps: 2, optimizer: 'adam' })
  for await (const _ of train(irisChaos, { backend: 'wasm' })) break
  assert.is(tf.memory().numTensors, before)
})

test('refuses a batch larger than the data', async () => {
  const refused = await bytes(irisChaos, { batch: 121 }).catch((error: unknown) => error)
  assert.match(String(refused), 'batch 121 exceeds the 120 samples')
})

test('the hidden layer has the size asked for, where there is one', async () => {
  const shapes = async (options: TrainOptions) =>
    (await run(irisChaos, { steps: 1, ...options })).open.tensors.map(({ shape }) => shape)
  assert.equal(await shapes({ hidden: 7 }), [[4, 7], [7], [7, 3], [3]])
  assert.equal(await shapes({}), [[4, 10], [10], [10, 3], [3]])
  const refused = await bytes(mnistLenet, { hidden: 7 }).catch((error: unknown) => error)
  assert.match(String(refused), 'hidden 7 has no layer to size')
})

test('standardised MNIST has mean 0 and standard deviation 1', () => {
  const { inputs, scale, origin } = mnistStandard()
  let [sum, squares] = [0, 0]
  for (let i = 0; i < inputs.length; i += 11) {
    const value = inputs[i]! * scale + origin!
    sum += value
    squares += value ** 2
  }
  const count = Math.ceil(inputs.length / 11)
  assert.ok(Math.abs(sum / count) < 1e-3)
  assert.ok(Math.abs(squares / count - 1) < 2e-3)
})

nativeTest('TensorFlow and the WASM backend take the same steps', async () => {
  for (const [recipe, options] of [
    [irisChaos, { steps: 5, members: 1 }],
    [mnistLenet, { steps: 2, batch: 16 }],
  ] as const) {
    const wasm = (await run(recipe, options)).members[0]!
    const tensorflow = (await run(recipe, { ...options, backend: 'tensorflow' })).members[0]!
    wasm.weights.forEach((tensor, i) => {
      const scale = Math.max(...wasm.last[i]!.map(Math.abs))
      tensor.forEach((weight, k) => {
        assert.ok(Math.abs(weight - tensorflow.weights[i]![k]!) <= 1e-4 * scale + 1e-6)
      })
    })
  }
})

/** Gradient descent of the recipe's network in plain f64, without a line of TF.js. */
function descend(start: readonly Float64Array[], steps: number, rate: number): Float64Array[] {
  const [W1, b1, W2, b2] = start.map((tensor) => tensor.slice()) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const { inputs, labels, size } = iris()
  for (let step = 0; step < steps; step++) {
    const gradients = [W1, b1, W2, b2].map((tensor) => new Float64Array(tensor.length))
    const [dW1, db1, dW2, db2] = gradients as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    for (let n = 0; n < size; n++) {
      const h = new Float64Array(10).map((_, j) => {
        let sum = b1[j]!
        for (let i = 0; i < 4; i++) sum += inputs[4 * n + i]! * W1[10 * i + j]!
        return 1 / (1 + Math.exp(-sum))
      })
      const z = new Float64Array(3).map((_, k) =>
        h.reduce((sum, value, j) => sum + value * W2[3 * j + k]!, b2[k]!)
      )
      const e = z.map(Math.exp)
      const total = e.reduce((a, b) => a + b)
      const dz = e.map((value, k) => (value / total - Number(labels[n] === k)) / size)
      dz.forEach((d, k) => {
        db2[k]! += d
        h.forEach((value, j) => {
          dW2[3 * j + k]! += value * d
        })
      })
      h.forEach((value, j) => {
        const d = dz.reduce((sum, own, k) => sum + own * W2[3 * j + k]!, 0) * value * (1 - value)
        db1[j]! += d
        for (let i = 0; i < 4; i++) dW1[10 * i + j]! += inputs[4 * n + i]! * d
      })
    }
    ;[W1, b1, W2, b2].forEach((tensor, i) => {
      tensor.forEach((_, k) => {
        tensor[k]! -= rate * gradients[i]![k]!
      })
    })
  }
  return [W1, b1, W2, b2]
}

test.run()
