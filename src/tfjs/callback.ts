import { CallbackList, CustomCallback } from '@tensorflow/tfjs'

export type Logs = Readonly<Record<string, number>>

/** What to do at each point of a training. */
export interface Handlers {
  onTrainBegin(): Promise<void>
  onEpochBegin(epoch: number): void
  onBatchEnd(logs: Logs): Promise<void>
  onTrainEnd(): Promise<void>
}

/**
 * A real `tf.CustomCallback` that works beside any other callback. TF.js looks only at the first item of a list. If it is one of
 * TF.js's own callbacks, TF.js takes all items as they are, and a plain object fails. Otherwise TF.js wraps all of them in
 * `CustomCallback`, and calls the methods of its own callbacks without `this`. So the methods here do not use `this`, and the
 * missing methods of plain objects that follow in the list are added.
 */
export function callbackOf(handlers: Handlers): CustomCallback {
  completePlainCallbacks()
  return Object.assign(new CustomCallback({}), {
    onTrainBegin: handlers.onTrainBegin,
    onTrainEnd: handlers.onTrainEnd,
    async onEpochBegin(epoch: number) {
      handlers.onEpochBegin(epoch)
    },
    async onEpochEnd() {},
    async onBatchBegin() {},
    async onBatchEnd(_batch: number, logs: object = {}) {
      await handlers.onBatchEnd(await resolved(logs))
    },
  })
}

/** Reads the logs' values: TF.js passes the loss as a tensor if nobody has asked for its value yet. */
async function resolved(logs: object): Promise<Logs> {
  const entries = Object.entries(logs).map(async ([name, value]) => [name, await numberOf(value)])
  const known = (await Promise.all(entries)).filter(([, value]) => typeof value === 'number')
  return Object.fromEntries(known)
}

/** A figure as a number. Undefined if it is not one, such as a tensor that was disposed of. */
async function numberOf(value: unknown): Promise<unknown> {
  if (typeof value === 'number') return value
  try {
    return (await (value as { data(): Promise<ArrayLike<number>> }).data())[0]
  } catch {
    return undefined
  }
}

let isCompleting = false

function completePlainCallbacks(): void {
  if (isCompleting) return
  isCompleting = true
  const { setParams } = CallbackList.prototype
  CallbackList.prototype.setParams = function (params) {
    this.callbacks = this.callbacks.map((callback) =>
      typeof callback.setParams === 'function' ? callback : new CustomCallback(callback)
    )
    setParams.call(this, params)
  }
}
