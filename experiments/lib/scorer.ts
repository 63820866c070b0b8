import type { Sequential, Tensor2D } from '@tensorflow/tfjs'
import type { TF } from '../../src/node/train/backends.ts'
import type { Dataset } from '../../src/node/train/dataset.ts'

/** Softmax cross-entropy, and the share of samples whose own class has the highest score. */
export interface Score {
  readonly loss: number
  readonly accuracy: number
}

/** Gives what a classifier makes of samples that it does not train on. */
export function scorer(tf: TF, data: Dataset): (network: Pick<Sequential, 'apply'>) => Score {
  const { size, width, classes, inputs, scale, labels } = data
  const pixels = Float32Array.from({ length: size * width }, (_, i) => inputs[i]! * scale)
  const x = tf.tensor2d(pixels, [size, width])
  const own = tf.tensor1d(
    Int32Array.from({ length: size }, (_, i) => labels[i]!),
    'int32'
  )
  const y = tf.oneHot(own, classes).toFloat() as Tensor2D
  return (network) =>
    tf.tidy(() => {
      const scores = network.apply(x) as Tensor2D
      const isRight = scores.argMax(1).equal(own).toFloat()
      const [accuracy] = isRight.mean().dataSync()
      const [loss] = tf.losses.softmaxCrossEntropy(y, scores).dataSync()
      return { loss: loss!, accuracy: accuracy! }
    })
}
