import { type AllReduce, reduce } from '../../engine/shards/drive.ts'
import type { ShardSums } from '../../stage/protocol.ts'

/** How many doubles a thread shows the others at a time. */
const window = 1 << 16

/**
 * Indices in the control block: the number of threads that have arrived in this round, and the number of the round. The lowest
 * bit of the round says that it will never be complete.
 */
const arrived = 0
const round = 1
const controlBytes = 8

/** How many times a thread waits again, so that it does not give up if the process was suspended for a while. */
const mostWaits = 12

/** Number of doubles in front of a shard's vectors: from, to, width, length of `add`, length of `max`. */
const headLength = 5

/** What a thread shows the others: the length of its whole vector, and a part of it. */
interface Window {
  readonly length: Float64Array
  readonly values: Float64Array
}

/** Thrown by a thread that waits for one that will not come. */
export class Broken extends Error {
  constructor() {
    super('another thread has ended')
  }
}

/**
 * Where threads exchange vectors. Each thread shows its vector, waits for all, and reads those of the others. Then all of them
 * reduce the same vectors in the same order, so all get the same bits. Each thread has two windows, used in turn. Before a thread
 * writes a window again, it has met all others since they read it, so one wait per round is enough.
 */
export class Meeting {
  readonly buffer: SharedArrayBuffer
  readonly #threads: number
  readonly #waitMs: number
  readonly #control: Int32Array
  readonly #windows: readonly (readonly Window[])[]
  #turn = 0

  /**
   * @param buffer the buffer of another thread's meeting; without it a new one is made
   * @param waitMs a twelfth of the time after which a waiting thread gives up
   */
  constructor(threads: number, buffer?: SharedArrayBuffer, waitMs = 50_000) {
    const bytes = 8 * (1 + window)
    this.#threads = threads
    this.#waitMs = waitMs
    this.buffer = buffer ?? new SharedArrayBuffer(controlBytes + 2 * threads * bytes)
    this.#control = new Int32Array(this.buffer, 0, controlBytes / 4)
    this.#windows = [0, 1].map((turn) =>
      Array.from({ length: threads }, (_, k) => {
        const at = controlBytes + (turn * threads + k) * bytes
        return {
          length: new Float64Array(this.buffer, at, 1),
          values: new Float64Array(this.buffer, at + 8, window),
        }
      })
    )
  }

  /** Ends all waiting, now and later, because some thread will not come. */
  break(): void {
    Atomics.or(this.#control, round, 1)
    Atomics.notify(this.#control, round)
  }

  /** The all-reduce for thread `own`. @throws Broken */
  allReduce(own: number): AllReduce {
    return (sums) => {
      const all = this.#exchange(own, packed(sums[0]!)).map(unpacked)
      const [{ add, max }] = all as [Unpacked]
      if (all.some((each) => each.add.width !== add.width || each.max.length !== max.length)) {
        throw new Error('the threads no longer agree: their sums differ in length')
      }
      return reduce(all)
    }
  }

  /** Shows the others a vector of any length, and returns the vectors of all threads. */
  #exchange(own: number, vector: Float64Array): Float64Array[] {
    const all: Float64Array[] = []
    for (let at = 0; ; at += window) {
      const windows = this.#windows[this.#turn]!
      this.#turn = 1 - this.#turn
      windows[own]!.length[0] = vector.length
      windows[own]!.values.set(vector.subarray(at, at + window))
      this.#meet()
      let longest = 0
      for (const [k, { length, values }] of windows.entries()) {
        const theirs = length[0]!
        longest = Math.max(longest, theirs)
        all[k] ??= new Float64Array(theirs)
        if (at < theirs) all[k]!.set(values.subarray(0, theirs - at), at)
      }
      if (at + window >= longest) return all
    }
  }

  #meet(): void {
    const control = this.#control
    let now = Atomics.load(control, round)
    const own = now >> 1
    if (Atomics.add(control, arrived, 1) === this.#threads - 1) {
      Atomics.store(control, arrived, 0)
      Atomics.add(control, round, 2)
      Atomics.notify(control, round)
    }
    for (let waits = 0; ; waits++) {
      now = Atomics.load(control, round)
      if (now >> 1 !== own) return
      if (now & 1) throw new Broken()
      if (waits === mostWaits)
        throw new Error('the threads no longer agree: one of them does not come')
      Atomics.wait(control, round, now, this.#waitMs)
    }
  }
}

function packed({ add, max = new Float64Array(0) }: ShardSums): Float64Array {
  const vector = new Float64Array(headLength + add.nodes.length + max.length)
  vector.set([add.from, add.to, add.width, add.nodes.length, max.length])
  vector.set(add.nodes, headLength)
  vector.set(max, headLength + add.nodes.length)
  return vector
}

type Unpacked = Required<ShardSums>

function unpacked(vector: Float64Array): Unpacked {
  const [from, to, width, sums] = vector as unknown as [number, number, number, number]
  const nodes = vector.subarray(headLength, headLength + sums)
  return { add: { from, to, width, nodes }, max: vector.subarray(headLength + sums) }
}
