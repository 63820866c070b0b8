import type { Sequential } from '@tensorflow/tfjs'
import type { TF } from '../../src/node/train/backends.ts'

/** All weights of a network, one tensor after the other. */
export function flat(network: Sequential): Float32Array {
  const parts = network.getWeights().map((own) => own.dataSync())
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Sets all weights of a network from such an array. */
export function assign(tf: TF, network: Sequential, weights: Float32Array): void {
  let at = 0
  tf.tidy(() => {
    const tensors = network.getWeights().map(({ shape, size }) => {
      at += size
      return tf.tensor(weights.slice(at - size, at), shape)
    })
    network.setWeights(tensors)
  })
}
