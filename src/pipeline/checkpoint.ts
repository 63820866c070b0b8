import { ThalwegError } from '../error.ts'
import type { Frame } from '../wire/frame.ts'
import type { StreamPlace } from '../wire/run-state.ts'
import type { Analyst } from './analyst.ts'
import type { SinkLength, SinkValue } from './sink.ts'

/** Where a run's state is kept: always the last one that was saved completely. */
export interface CheckpointStore {
  /** Settles when the state has durably replaced the last one. Each chunk is used before the next one is requested. */
  save(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>
  /** The chunks of the last state, or undefined if none was saved yet. */
  load(): Promise<AsyncIterable<Uint8Array> | undefined>
}

/** What is saved with a run: the sinks as the pipeline names them, and the length of each one that is a file. */
export interface Ends {
  readonly sinks: readonly string[]
  readonly lengths: readonly (SinkLength | null)[]
}

export const namesOf = (sinks: readonly SinkValue[]): string[] =>
  sinks.map(({ definition, options }) => JSON.stringify({ type: definition.type, ...options }))

/** What was saved last: the place in the stream, and the state of the sinks. */
export interface Checkpoint {
  readonly place: StreamPlace
  readonly ends: Ends
}

/**
 * Loads the last state into an analyst.
 *
 * @param join how the source continues, see `StateLoader`
 * @returns undefined if no state was saved yet
 * @throws E_STATE if the state or the sinks do not match
 */
export async function loadCheckpoint(
  store: CheckpointStore,
  analyst: Analyst,
  sinks: readonly SinkValue[],
  join: 'next' | 'earlier'
): Promise<Checkpoint | undefined> {
  const chunks = await store.load()
  if (!chunks) return undefined
  const { place, host } = await analyst.load(chunks, join)
  const ends = host as Ends
  const names = namesOf(sinks)
  if (JSON.stringify(ends.sinks) !== JSON.stringify(names)) {
    throw new ThalwegError(
      'E_STATE',
      `the state was saved with other sinks: got ${ends.sinks.join(', ')}, expected ${names.join(', ')}. Use the sinks it was saved with, or start a new run.`
    )
  }
  return { place, ends }
}

/**
 * Passes frames through and saves the run between two of them, each time this many blocks have been analysed since the last save.
 * It saves once more if the frames end before the run's `close`.
 */
export async function* savedBetween(
  frames: AsyncIterable<Frame>,
  analyst: Analyst,
  every: number,
  save: () => Promise<void>
): AsyncGenerator<Frame> {
  let { run } = analyst
  let blocks = run?.blocks ?? 0
  const isDue = (): boolean => {
    if (run !== analyst.run) {
      run = analyst.run
      blocks = 0
    }
    return run !== undefined && run.blocks - blocks >= every
  }
  for await (const frame of frames) {
    // The consumer has finished with a frame when it asks for the next one.
    yield frame
    if (!isDue()) continue
    await analyst.settle()
    if (!isDue()) continue
    await save()
    blocks = run!.blocks
  }
  await analyst.settle()
  if (analyst.run) await save()
}
