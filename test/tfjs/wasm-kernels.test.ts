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

test('leaves no tensor behind', async () => {
  await tf.setBackend('wasm')
  const x = tf.randomNormal([2, 6, 6, 1]) as Tensor4D
  const weights = tf.randomNormal([3, 3, 1, 2]) as Tensor4D
  const before = tf.memory().numTensors
  tf.grad((filter) => tf.conv2d(x, filter as Tensor4D, 1, 'same').square())(weights).dispose()
  assert.is(tf.memory().numTensors, before)
})

test('is registered once', () => {
  const count = () =>
    tf.getKernelsForBackend('wasm').filter((kernel) => kernel.kernelName === 'Conv2DBackpropFilter')
  registerMissingWasmKernels(tf)
  assert.is(count().length, 1)
})

test.run()
