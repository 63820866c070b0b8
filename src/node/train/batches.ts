import type { Tensor2D } from '@tensorflow/tfjs'
import type { TF } from './backends.ts'
import type { Dataset } from './dataset.ts'
import type { Random } from './random.ts'

export interface Batch {
  /** Inputs [batch, width] and one-hot labels [batch, classes]. */
  readonly x: Tensor2D
  readonly y: Tensor2D
  readonly labels: Int32Array
}

/**
 * Yields batches without end. The data set is shuffled again in every epoch; samples that do not fill a batch are left for
 * another epoch. A batch as large as the data set is the data set in its own order. A batch is valid until the next one is
 * requested.
 */
export function* batches(
  tf: TF,
  { size, width, classes, inputs, scale, origin = 0, labels }: Dataset,
  batch: number,
  random: Random
): Generator<Batch, never> {
  const x = new Float32Array(batch * width)
  const own = new Int32Array(batch)
  const fill = (order: Uint32Array): Batch => {
    order.forEach((sample, row) => {
      for (let j = 0; j < width; j++)
        x[row * width + j] = inputs[sample * width + j]! * scale + origin
      own[row] = labels[sample]!
    })
    return tf.tidy(() => ({
      x: tf.tensor2d(x.slice(), [batch, width]),
      y: tf.oneHot(tf.tensor1d(own.slice(), 'int32'), classes).toFloat() as Tensor2D,
      labels: own,
    }))
  }
  let current: Batch | undefined
  try {
    if (batch === size) {
      current = fill(Uint32Array.from({ length: size }, (_, i) => i))
      while (true) yield current
    }
    while (true) {
      const order = random.permutation(size)
      for (let at = 0; at + batch <= size; at += batch) {
        tf.dispose([current?.x, current?.y])
        current = fill(order.subarray(at, at + batch))
        yield current
      }
    }
  } finally {
    tf.dispose([current?.x, current?.y])
  }
}
