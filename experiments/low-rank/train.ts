import type { Tensor2D } from '@tensorflow/tfjs'
import type { TF } from '../../src/node/train/backends.ts'
import { batches } from '../../src/node/train/batches.ts'
import type { Dataset } from '../../src/node/train/dataset.ts'
import { glorotUniform } from '../../src/node/train/kernels.ts'
import { Random } from '../../src/node/train/random.ts'
import { streams } from '../../src/node/train/start.ts'
import { WeightStream } from '../../src/tfjs/weight-stream.ts'
import type { Weight } from '../../src/tfjs/weights.ts'
import { Layer } from './layer.ts'

/** When bases are frozen and how ranks are cut (OIALR). */
export interface Schedule {
  /** Steps before the bases of all hidden layers are frozen. */
  readonly delay: number
  /** Steps from one check to the next. */
  readonly every: number
  readonly beta: number
}

export interface Training {
  readonly data: Dataset
  readonly units: readonly number[]
  readonly batch: number
  readonly epochs: number
  readonly learningRate: number
  readonly seed: number
  /** Absent: dense training. */
  readonly schedule?: Schedule
}

export interface Epoch {
  readonly epoch: number
  readonly ranks: readonly number[]
  /** Trainable parameters over those of the dense network. */
  readonly trainable: number
  apply(x: Tensor2D): Tensor2D
}

/**
 * Trains dense layers with ReLU by SGD, the output layer always dense, and generates the stream of the whole kernels, a frame an
 * epoch; `onEpoch` sees the network there.
 */
export async function* trainLowRank(
  tf: TF,
  training: Training,
  onEpoch: (at: Epoch) => void
): AsyncGenerator<Uint8Array> {
  const { data, units, batch, epochs, learningRate, seed, schedule } = training
  const widths = [data.width, ...units, data.classes]
  const kernels = new Random(seed, streams.kernels)
  const layers = widths.slice(1).map((outputs, i) => {
    const inputs = widths[i]!
    return new Layer(tf, inputs, outputs, glorotUniform([inputs, outputs], kernels))
  })
  const hidden = layers.slice(0, -1)
  const forward = (x: Tensor2D): Tensor2D =>
    layers.reduce((own, layer, i) => {
      const out = layer.apply(own)
      return i < hidden.length ? out.relu() : out
    }, x)
  const count = (): number =>
    layers.flatMap(({ trainable }) => trainable).reduce((sum, { size }) => sum + size, 0)
  const dense = count()

  const weights = hidden.map((layer, i): Weight => {
    const shape = [layer.inputs, layer.outputs]
    const name = `hidden${i + 1}/kernel`
    return { name, shape, role: 'kernel', trainable: true, read: () => layer.kernel() }
  })
  const perEpoch = Math.floor(data.size / batch)
  const stream = new WeightStream([weights], { run: 'low-rank', every: perEpoch })
  const feed = batches(tf, data, batch, new Random(seed, streams.batches))
  const optimizer = tf.train.sgd(learningRate)
  let checks = 0
  try {
    yield* stream.open()
    for (let step = 1; step <= epochs * perEpoch; step++) {
      const since = schedule ? step - 1 - schedule.delay : -1
      if (since === 0) for (const layer of hidden) await layer.freeze()
      if (schedule && since > 0 && since % schedule.every === 0) {
        // Layers join from the last on, a tenth of them with each check.
        const joined = Math.min(hidden.length, Math.ceil((++checks * hidden.length) / 10))
        for (const layer of hidden.slice(-joined)) await layer.cut(schedule.beta)
      }
      const { x, y } = feed.next().value
      optimizer.minimize(
        () => tf.losses.softmaxCrossEntropy(y, forward(x)),
        false,
        layers.flatMap(({ trainable }) => [...trainable])
      )
      yield* stream.record(step, { epoch: step / perEpoch })
      if (step % perEpoch > 0) continue
      const ranks = hidden.map(({ rank }) => rank)
      onEpoch({ epoch: step / perEpoch, ranks, trainable: count() / dense, apply: forward })
    }
    yield* stream.close()
  } finally {
    feed.return(undefined as never)
    for (const layer of layers) layer.dispose()
    optimizer.dispose()
  }
}
