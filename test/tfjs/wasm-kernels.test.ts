import type { Tensor4D } from '@tensorflow/tfjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadBackend, type TF } from '../../src/node/train/backends.ts'
import { registerMissingWasmKernels } from '../../src/tfjs/index.ts'

const test = suite('wasm kernels')
let tf: TF

test.before(async () => {
  tf = (await loadBackend('wasm')).tf
})

const cases = [
  { x: [3, 8, 9, 2], filter: [3, 3, 2, 4], strides: 1, pad: 'same' },
  { x: [3, 8, 9, 2], filter: [3, 2, 2, 4], strides: 1, pad: 'valid' },
  { x: [2, 9, 11, 3], filter: [3, 3, 3, 4], strides: 2, pad: 'same' },
  { x: [2, 8, 11, 3], filter: [3, 3, 3, 4], strides: 2, pad: 'valid' },
  { x: [2, 10, 10, 1], filter: [2, 2, 1, 3], strides: 3, pad: 'valid' },
  { x: [2, 7, 7, 2], filter: [1, 1, 2, 3], strides: [2, 1], pad: 'same' },
  { x: [2, 7, 7, 2], filter: [3, 3, 2, 3], strides: 1, pad: 2 },
  { x: [32, 28, 28, 1], filter: [5, 5, 1, 6], strides: 1, pad: 'same' },
] as const

for (const { x, filter, strides, pad } of cases) {
  const name = `x [${x}], filter [${filter}], strides ${strides}, pad ${pad}`
  test(`the filter's gradient equals the cpu backend's: ${name}`, async () => {
    const gradient = async (backend: string) => {
      await tf.setBackend(backend)
      return tf.tidy(() => {
        const input = tf.randomNormal([...x], 0, 1, 'float32', 5) as Tensor4D
        const convolve = (weights: Tensor4D) => tf.conv2d(input, weights, strides as 1, pad)
        const start = tf.randomNormal([...filter], 0, 1, 'float32', 6) as Tensor4D
        const dy = tf.randomNormal(convolve(start).shape, 0, 1, 'float32', 7) as Tensor4D
        return tf
          .grad((weights) => convolve(weights as Tensor4D))(start, dy)
          .dataSync()
      })
    }
    const expected = await gradient('cpu')
    const actual = await gradient('wasm')
    const scale = Math.max(...expected.map(Math.abs))
    expected.forEach((value, i) => {
      assert.ok(Math.abs(actual[i]! - value) <= 1e-5 * scale, `${actual[i]} for ${value}`)
    })
  })
}

const depthwise = [
  { x: [3, 8, 9, 2], filter: [3, 3, 2, 1], strides: 1, pad: 'same' },
  { x: [3, 8, 9, 2], filter: [3, 2, 2, 2], strides: 1, pad: 'valid' },
  { x: [2, 9, 11, 3], filter: [3, 3, 3, 1], strides: 2, pad: 'same' },
  { x: [2, 8, 11, 3], filter: [3, 3, 3, 4], strides: 2, pad: 'valid' },
  { x: [2, 10, 10, 1], filter: [2, 2, 1, 3], strides: 3, pad: 'valid' },
  { x: [2, 7, 7, 2], filter: [1, 1, 2, 3], strides: [2, 2], pad: 'same' },
  { x: [2, 7, 7, 2], filter: [2, 2, 2, 1], strides: 1, pad: 3 },
  { x: [8, 14, 14, 16], filter: [3, 3, 16, 1], strides: 1, pad: 'same' },
] as const

for (const { x, filter, strides, pad } of depthwise) {
  const name = `x [${x}], filter [${filter}], strides ${strides}, pad ${pad}`
  test(`a depthwise convolution's gradients equal the cpu backend's: ${name}`, async () => {
    const normal = (shape: readonly [number, number, number, number], seed: number) =>
      tf.randomNormal([...shape], 0, 1, 'float32', seed) as Tensor4D
    const gradients = async (backend: string) => {
      await tf.setBackend(backend)
      return tf.tidy(() => {
        const convolve = (input: Tensor4D, weights: Tensor4D) =>
          tf.depthwiseConv2d(input, weights, strides as 1, pad)
        const [input, weights] = [normal(x, 5), normal(filter, 6)]
        const dy = normal(convolve(input, weights).shape, 7)
        const both = tf.grads((a, b) => convolve(a as Tensor4D, b as Tensor4D))
        return both([input, weights], dy).map((gradient) => gradient.dataSync())
      })
    }
    const expected = await gradients('cpu')
    const actual = await gradients('wasm')
    for (const [i, values] of expected.entries()) {
      const scale = Math.max(...values.map(Math.abs))
      values.forEach((value, k) => {
        const error = Math.abs(actual[i]![k]! - value)
        assert.ok(error <= 1e-6 * scale, `${actual[i]![k]} for ${value}`)
      })
    }
  })
}

test('leaves no tensor behind', async () => {
  await tf.setBackend('wasm')
  const x = tf.randomNormal([2, 6, 6, 1]) as Tensor4D
  const weights = tf.randomNormal([3, 3, 1, 2]) as Tensor4D
  const before = tf.memory().numTensors
  tf.grad((filter) => tf.conv2d(x, filter as Tensor4D, 1, 'same').square())(weights).dispose()
  tf.grad((filter) => tf.depthwiseConv2d(x, filter as Tensor4D, 1, 'same'))(weights).dispose()
  tf.grad((x) => tf.depthwiseConv2d(x as Tensor4D, weights, 1, 'same'))(x).dispose()
  assert.is(tf.memory().numTensors, before)
})

test('is registered once', () => {
  const names = () => tf.getKernelsForBackend('wasm').map(({ kernelName }) => kernelName)
  const before = names()
  registerMissingWasmKernels(tf)
  assert.equal(names(), before)
  assert.is(names().filter((name) => /Conv2d.*Backprop/i.test(name)).length, 4)
})

test.run()
