import { CallbackList, CustomCallback } from '@tensorflow/tfjs'

export type Logs = Readonly<Record<string, number>>

/** What is done at each point of a training. */
export interface Handlers {
  onTrainBegin(): Promise<void>
  onEpochBegin(epoch: number): void
  onBatchEnd(logs: Logs): Promise<void>
  onTrainEnd(): Promise<void>
}

/**
 * A real `tf.CustomCallback` that stands beside any other callback. Of a list TF.js looks at the first one alone: if that is
 * a callback of its own, it takes all as they are, and a plain object fails; else it wraps all in `CustomCallback`, and calls
 * the methods of one of its own without `this`. So the methods here need no `this`, and plain objects that stand behind are
 * completed.
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

/** TF.js hands over the loss as a tensor where nobody has asked for its value yet. */
async function resolved(logs: object): Promise<Logs> {
  const entries = Object.entries(logs).map(async ([name, value]) => [name, await numberOf(value)])
  const known = (await Promise.all(entries)).filter(([, value]) => typeof value === 'number')
  return Object.fromEntries(known)
}

/** A figure as a number; undefined for what is none, such as a tensor that has been disposed of. */
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
