import { WeightStream, type WeightStreamOptions } from './weight-stream.ts'
import { type LayersModel, weightsOf } from './weights.ts'

export interface TapOptions extends WeightStreamOptions {
  /**
   * Takes bytes of the stream, in order; they are its own. Training waits for its promise, so one that settles when the
   * bytes are written keeps them from piling up where the reader is slow. To post them, take that of a `poster`.
   */
  write(bytes: Uint8Array): unknown
}

type Logs = Readonly<Record<string, number>>

/** Callbacks for `model.fit`. */
export interface Tap {
  onTrainBegin(): Promise<void>
  onEpochBegin(epoch: number): void
  onBatchEnd(batch: number, logs?: Logs): Promise<void>
  onTrainEnd(): Promise<void>
}

/**
 * Streams what training does to a model's weights: an anchor at the start, a delta after each step with the loss and the
 * metrics of its batch.
 *
 *     const write = (bytes) => new Promise((done) => socket.write(bytes, done))
 *     await model.fit(x, y, { callbacks: tap(model, { write }) })
 *
 * Each call of `fit` is a run of its own. Weights are read through the backend in use, whichever it is, and sent as they
 * are, what is not finite too. What is rounded off a delta is made up for by the next one, so the sum of deltas stays
 * within one rounding of the weights; deltas of dtype f32 follow f32 weights exactly or to their last bit.
 */
export function tap(model: LayersModel, { write, ...options }: TapOptions): Tap {
  let stream: WeightStream
  let step = 0
  let epoch = 0
  const send = async (chunks: AsyncIterable<Uint8Array>) => {
    // Sockets keep what they cannot send yet, and a stream uses its buffers again.
    for await (const chunk of chunks) await write(chunk.slice())
  }
  return {
    async onTrainBegin() {
      step = options.start ?? 0
      stream = new WeightStream([weightsOf(model)], options)
      await send(stream.open())
    },
    onEpochBegin(index) {
      epoch = index
    },
    async onBatchEnd(_batch, logs = {}) {
      step++
      await send(stream.record(step, { epoch, metrics: [metricsOf(logs)] }))
    },
    async onTrainEnd() {
      await send(stream.close())
    },
  }
}

/** The loss and the model's metrics, by their usual names. */
function metricsOf({ batch: _batch, size: _size, acc, ...figures }: Logs): Logs {
  return acc === undefined ? figures : { ...figures, accuracy: acc }
}
