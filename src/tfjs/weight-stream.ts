import type { Dtype, Json, Metrics } from '../wire/frame.ts'
import { elementsOf } from '../wire/open.ts'
import { type FrameWriter, frameWriter } from '../wire/writer.ts'
import { type Difference, difference } from './delta.ts'
import { gatherer } from './gather.ts'
import type { Weight } from './weights.ts'

export interface WeightStreamOptions {
  /** Name of the run; default `run`. */
  readonly run?: string
  /** Records one step in this many; default 1. */
  readonly every?: number
  /** Sends the weights themselves again after at least this many steps. By default they are sent only at the start. */
  readonly anchorEvery?: number
  /** Element type of the deltas; default `f32`. Anchors are always f32. */
  readonly dtype?: Dtype
  /** The step of the weights when the stream begins; default 0. */
  readonly start?: number
  /** Whether all members see the same batches and noise; default false. */
  readonly coupled?: boolean
  /** Facts about the run: optimizer, learningRate, momentum, batchSize, datasetSize, seed, epsilon, ... */
  readonly meta?: { readonly [key: string]: Json }
}

/** The trainer's own figures at a step. */
export interface Figures {
  readonly epoch?: number
  /** The metrics of each member. */
  readonly metrics?: readonly Metrics[]
}

/**
 * One run's stream of weight deltas. Several members are the same network trained more than once, such as a network and its
 * perturbed twin.
 *
 * Each method yields chunks of bytes in buffers that it reuses: take one, write it, then take the next. No weight may change
 * meanwhile, so training waits for the stream's reader.
 *
 * @example
 * ```ts
 * const stream = new WeightStream([weightsOf(model)], { run: 'mine' })
 * for await (const chunk of stream.open()) await write(chunk)
 * ```
 */
export class WeightStream {
  readonly #members: readonly (readonly Weight[])[]
  readonly #every: number
  readonly #anchorEvery: number
  readonly #dtype: Dtype
  readonly #start: number
  readonly #writer: FrameWriter
  readonly #gather = gatherer()
  readonly #differences: readonly (readonly Difference[])[]
  /** The last recorded step and the last anchored step. */
  #base: number
  #anchored: number
  /** Whether an anchor is still needed after a non-finite step. */
  #lost = false

  constructor(members: readonly (readonly Weight[])[], options: WeightStreamOptions = {}) {
    const { run = 'run', every = 1, anchorEvery = 0, dtype = 'f32', start = 0 } = options
    const tensors = members[0]!.map(({ name, shape, role, trainable }) => {
      return { name, shape, dtype: 'f32' as const, role, trainable }
    })
    this.#members = members
    this.#every = every
    this.#anchorEvery = anchorEvery || Number.POSITIVE_INFINITY
    this.#dtype = dtype
    this.#start = this.#base = this.#anchored = start
    const { coupled = false, meta = {} } = options
    this.#writer = frameWriter({ run, tensors, members: members.length, coupled, meta })
    this.#differences = members.map((weights) =>
      weights.map(({ shape }) => difference(elementsOf(shape)!, dtype))
    )
  }

  /** Opens the stream with the current weights. */
  async *open(): AsyncGenerator<Uint8Array> {
    yield* this.#writer.open()
    yield* this.#anchor(this.#start)
  }

  /** Whether this step is recorded. */
  records(step: number): boolean {
    return (step - this.#start) % this.#every === 0
  }

  /** Yields how far each member has moved since the last recorded step. Does nothing at a step that is not recorded. */
  async *record(step: number, { epoch, metrics }: Figures = {}): AsyncGenerator<Uint8Array> {
    if (!this.records(step)) return
    const dtype = this.#dtype === 'f32' ? undefined : this.#dtype
    let canAnchor = true
    for (const [member, weights] of this.#members.entries()) {
      const values = await Promise.all(weights.map((weight) => weight.read()))
      const differences = this.#differences[member]!
      const data = values.map((own, i) => differences[i]!.next(own))
      const lost = differences.some((difference) => !difference.isFinite)
      // A reader drops the step, so the next delta is counted from the weights as they are now.
      if (lost) for (const [i, own] of values.entries()) differences[i]!.reset(own)
      this.#lost ||= lost
      if (this.#lost) canAnchor &&= values.every((own) => own.every(Number.isFinite))
      const facts = { base: this.#base, epoch, metrics: metrics?.[member], dtype }
      yield* this.#gather(this.#writer.delta({ step, member, ...facts, data }))
    }
    this.#base = step
    const isDue = step - this.#anchored >= this.#anchorEvery || this.#lost
    if (isDue && canAnchor) yield* this.#anchor(step)
  }

  async *close(): AsyncGenerator<Uint8Array> {
    yield* this.#writer.close()
  }

  async *#anchor(step: number): AsyncGenerator<Uint8Array> {
    for (const [member, weights] of this.#members.entries()) {
      const data = await Promise.all(weights.map((weight) => weight.read()))
      data.forEach((values, i) => {
        this.#differences[member]![i]!.reset(values)
      })
      yield* this.#writer.anchor({ step, member, data })
    }
    this.#anchored = step
    this.#lost = false
  }
}
