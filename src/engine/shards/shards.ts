import { ThalwegError } from '../../error.ts'
import { kernelKind } from '../../kernels/arena.ts'
import { quoted } from '../../plain.ts'
import type { Step } from '../../stage/protocol.ts'
import type { Entry } from '../intake/timeline.ts'
import type { RunPlan } from '../planning/plan.ts'
import { drive, type Share } from './drive.ts'
import { Shard } from './shard.ts'

interface Place {
  index: number
  before: number
  anchors: number
  slot: number
  step?: number
  epoch?: number
}

/** A run's memories in this thread. The recorded steps use the column slots in rotation. */
export class Shards {
  readonly plan: RunPlan
  /** The shards of this thread, in order of their tiles. */
  readonly here: readonly Shard[]
  /**
   * Where the current block begins, as plain data: the block's number, the recorded steps and anchors before it, its first column
   * slot, and step and epoch of the column before it.
   */
  readonly place: Place = { index: 0, before: 0, anchors: 0, slot: 0 }
  readonly #share: Share

  /** @throws E_MEMORY when the machine has not enough memory for the shards, here or in another thread */
  constructor(plan: RunPlan, share: Share) {
    this.plan = plan
    this.#share = share
    share.admit?.(plan)
    this.here = this.#reserve()
  }

  /** Column slot of an entry of the timeline. */
  slotOf(entry: number): number {
    return (this.place.slot + entry) % this.plan.slots
  }

  /** Moves on to the next block, past these entries of the timeline. */
  pass(entries: readonly Entry[]): void {
    const { place } = this
    place.slot = this.slotOf(entries.length)
    place.before += entries.length
    place.index++
    for (const { step, epoch, marks } of entries) {
      place.step = step
      if (epoch !== undefined) place.epoch = epoch
      if (marks[0]?.anchor) place.anchors++
    }
  }

  /**
   * Drives a step on every shard; `k` is a shard's position in `here`.
   *
   * @param what names the step and what slot 0 of its sums counts
   */
  drive<Result>(step: (shard: Shard, k: number) => Step<Result>, what: () => string): Result {
    return drive(this.here.map(step), this.#share.allReduce, what)
  }

  /** The maximum of a value over all threads. */
  greatest(value: number): number {
    const add = { from: 0, to: 0, width: 0, nodes: new Float64Array(0) }
    return this.#share.allReduce([{ add, max: Float64Array.of(value) }]).max[0]!
  }

  /** Reserves the shards of this thread. With fewer shards than threads, a thread has a shard without rows. */
  #reserve(): Shard[] {
    const { plan } = this
    const { shard: own } = this.#share
    const kind = kernelKind(plan.settings.mode)
    const numbers = own === undefined ? plan.edges.slice(1).map((_, k) => k) : [own]
    let shards: Shard[] = []
    try {
      shards = numbers.map((k) => new Shard(plan, k, kind))
    } catch (error) {
      // The engine reports this with an error of its own, whatever the runtime.
      if (!(error instanceof RangeError)) throw error
    }
    if (this.greatest(shards.length < numbers.length ? 1 : 0) === 0) return shards
    throw new ThalwegError(
      'E_MEMORY',
      `run ${quoted(plan.open.run)}: the machine does not give ${plan.bytes} bytes in ${plan.edges.length - 1} memories. Select fewer tensors, or take a machine with more memory.`
    )
  }
}
