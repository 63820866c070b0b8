import { callbackOf, type Logs } from './callback.ts'
import { WeightStream, type WeightStreamOptions } from './weight-stream.ts'
import { type LayersModel, weightsOf } from './weights.ts'

export interface TapOptions extends WeightStreamOptions {
  /**
   * Takes bytes of the stream, in order; they are its own. Training waits for its promise, so one that settles when the
   * bytes are written keeps them from piling up where the reader is slow. To post them, take that of a `poster`.
   *
   * What it throws ends the stream, not the training.
   */
  write(bytes: Uint8Array): unknown
  /** Throws into training what goes wrong; by default it is said once, on the console, and training goes on. */
  readonly strict?: boolean
}

/** A `tf.CustomCallback`, told without the types of TF.js, which need not be installed. */
export interface Tap {
  // biome-ignore lint/suspicious/noExplicitAny: the types of TF.js, whatever they are
  validationData: any
  // biome-ignore lint/suspicious/noExplicitAny: as above
  params: any
  // biome-ignore lint/suspicious/noExplicitAny: as above
  setParams(params: any): void
  // biome-ignore lint/suspicious/noExplicitAny: as above
  setModel(model: any): void
  onTrainBegin(logs?: object): Promise<void>
  onTrainEnd(logs?: object): Promise<void>
  onEpochBegin(epoch: number, logs?: object): Promise<void>
  onEpochEnd(epoch: number, logs?: object): Promise<void>
  onBatchBegin(batch: number, logs?: object): Promise<void>
  onBatchEnd(batch: number, logs?: object): Promise<void>
}

/**
 * A callback for `model.fit` that streams what training does to a model's weights: an anchor at the start, a delta after each
 * step with the loss and the metrics of its batch. It stands alone or in a list beside other callbacks.
 *
 * Each call of `fit` is a run of its own. Weights are read through the backend in use, whichever it is. What is rounded off a
 * delta is made up for by the next one, so the sum of deltas stays within one rounding of the weights; deltas of dtype f32
 * follow f32 weights exactly or to their last bit. A step that is not finite is sent as it is; an anchor follows as soon as the
 * weights are finite again, so that this step alone is lost.
 *
 * @example
 * ```js
 * const write = (bytes) => new Promise((done) => socket.write(bytes, done))
 * await model.fit(x, y, { callbacks: [tap(model, { write }), tf.callbacks.earlyStopping()] })
 * ```
 */
export function tap(model: LayersModel, { write, strict = false, ...options }: TapOptions): Tap {
  let stream: WeightStream | undefined
  let step = 0
  let epoch = 0
  const send = async (made: () => AsyncIterable<Uint8Array> | undefined) => {
    try {
      // Sockets keep what they cannot send yet, and a stream uses its buffers again.
      for await (const chunk of made() ?? []) await write(chunk.slice())
    } catch (error) {
      stream = undefined
      if (strict) throw error
      console.error(
        `thalweg: the stream has ended, training continues: ${error instanceof Error ? error.message : error}`
      )
    }
  }
  return callbackOf({
    async onTrainBegin() {
      step = options.start ?? 0
      stream = undefined
      await send(() => {
        stream = new WeightStream([weightsOf(model)], options)
        return stream.open()
      })
    },
    onEpochBegin(index) {
      epoch = index
    },
    async onBatchEnd(logs) {
      step++
      await send(() => stream?.record(step, { epoch, metrics: [metricsOf(logs)] }))
    },
    async onTrainEnd() {
      await send(() => stream?.close())
    },
  })
}

/** The loss and the model's metrics, by their usual names. */
function metricsOf({ batch: _batch, size: _size, acc, ...figures }: Logs): Logs {
  return acc === undefined ? figures : { ...figures, accuracy: acc }
}
