import { callbackOf, type Logs } from './callback.ts'
import { WeightStream, type WeightStreamOptions } from './weight-stream.ts'
import { type LayersModel, weightsOf } from './weights.ts'

export interface TapOptions extends WeightStreamOptions {
  /**
   * Takes bytes of the stream, in order. The array is not reused, so it may be kept. Training waits for the returned promise: if
   * it settles when the bytes are written, they do not pile up when the reader is slow. To post them, pass a `poster`'s `write`.
   *
   * If it throws, the stream ends, and training continues.
   */
  write(bytes: Uint8Array): unknown
  /** Throws errors into the training. By default an error is reported once on the console, and training continues. */
  readonly strict?: boolean
}

/** A `tf.CustomCallback`, declared without the types of TF.js, which need not be installed. */
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
 * A callback for `model.fit` that streams how training changes a model's weights: an anchor at the start, then a delta after each
 * step with the loss and metrics of its batch. Pass it alone or in a list with other callbacks.
 *
 * Each call of `fit` is a separate run. Weights are read through the current backend, whichever it is. Each delta corrects the
 * rounding of the last one, so the sum of all deltas stays within one rounding of the weights; deltas of dtype f32 follow f32
 * weights exactly or to their last bit. A non-finite step is sent as it is. An anchor follows as soon as the weights are finite
 * again, so only this step is lost.
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
      // A copy, because sockets keep what they cannot send yet, and a stream reuses its buffers.
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

/** The loss and the model's metrics, under their usual names. */
function metricsOf({ batch: _batch, size: _size, acc, ...figures }: Logs): Logs {
  return acc === undefined ? figures : { ...figures, accuracy: acc }
}
