import type { Sequential, SGDOptimizer, Variable } from '@tensorflow/tfjs'
import { loadBackend } from '../../src/node/train/backends.ts'
import { batches } from '../../src/node/train/batches.ts'
import type { Dataset } from '../../src/node/train/dataset.ts'
import { glorotUniform } from '../../src/node/train/kernels.ts'
import { Random } from '../../src/node/train/random.ts'
import { streams } from '../../src/node/train/start.ts'
import { WeightStream } from '../../src/tfjs/weight-stream.ts'
import { weightsOf } from '../../src/tfjs/weights.ts'

export const schedules = {
  constant: (_share: number): number => 1,
  /** From 1 to 0 along half a cosine, as the published runs decay. */
  cosine: (share: number): number => (1 + Math.cos(Math.PI * share)) / 2,
} as const

export interface Training {
  readonly data: Dataset
  /** Units of the hidden layers. */
  readonly units: readonly number[]
  readonly batch: number
  readonly epochs: number
  readonly learningRate: number
  readonly schedule: keyof typeof schedules
  readonly seed: number
}

/** Trains dense layers with ReLU by SGD and generates the stream of their weights, a frame an epoch. */
export async function* trainDense(training: Training): AsyncGenerator<Uint8Array> {
  const { data, units, batch, epochs, learningRate, schedule, seed } = training
  const { tf } = await loadBackend()
  const widths = [data.width, ...units]
  const network: Sequential = tf.sequential({
    layers: [
      ...units.map((width, i) =>
        tf.layers.dense({
          ...{ name: `hidden${i + 1}`, inputShape: [widths[i]!], units: width, activation: 'relu' },
        })
      ),
      tf.layers.dense({ name: 'output', units: data.classes }),
    ],
  })
  const weights = weightsOf(network)
  const kernels = new Random(seed, streams.kernels)
  network.setWeights(
    weights.map(({ role, shape }) =>
      role === 'kernel'
        ? tf.tensor(Float32Array.from(glorotUniform(shape, kernels)), [...shape])
        : tf.zeros([...shape])
    )
  )
  const variables = network.trainableWeights.map((weight) => weight.read() as Variable)
  const optimizer = tf.train.sgd(learningRate) as SGDOptimizer
  const feed = batches(tf, data, batch, new Random(seed, streams.batches))
  const perEpoch = Math.floor(data.size / batch)
  const stream = new WeightStream([weights], { run: schedule, every: perEpoch })
  try {
    yield* stream.open()
    for (let step = 1; step <= epochs * perEpoch; step++) {
      const { x, y } = feed.next().value
      optimizer.setLearningRate(
        learningRate * schedules[schedule]((step - 1) / (epochs * perEpoch))
      )
      optimizer.minimize(
        () => tf.losses.softmaxCrossEntropy(y, network.apply(x, { training: true }) as typeof y),
        false,
        variables
      )
      yield* stream.record(step, { epoch: step / perEpoch })
    }
    yield* stream.close()
  } finally {
    feed.return(undefined as never)
    network.dispose()
    optimizer.dispose()
  }
}
