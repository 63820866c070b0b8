import { parentPort, workerData } from 'node:worker_threads'
import { Meeting } from '../../../src/node/threads/meeting.ts'
import type { ShardSums } from '../../../src/stage/protocol.ts'

/** A thread at a meeting, and the widths of the sums that it brings, one after another. */
export interface Guest {
  readonly own: number
  readonly threads: number
  readonly buffer: SharedArrayBuffer
  readonly widths: readonly number[]
  readonly waitMs?: number
}

/** What shard k of tiles [3 k, 3 k + 3) brings; sums of it are not exact. */
export function sumsOf(k: number, width: number): Required<ShardSums> {
  const [from, to] = [3 * k, 3 * k + 3]
  // Two maximal complete subtrees, whether the range begins at an even or an odd tile.
  const nodes = Float64Array.from({ length: 2 * width }, (_, i) => 1 / (1 + i + 7 * k))
  return { add: { from, to, width, nodes }, max: Float64Array.of(k === 1 ? 5 : -Infinity, k) }
}

if (parentPort) {
  const { own, threads, buffer, widths, waitMs } = workerData as Guest
  const allReduce = new Meeting(threads, buffer, waitMs).allReduce(own)
  try {
    parentPort.postMessage(widths.map((width) => allReduce([sumsOf(own, width)])))
  } catch (error) {
    parentPort.postMessage((error as Error).message)
  }
}
