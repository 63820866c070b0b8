import { ThalwegError } from '../error.ts'
import type { Frame } from '../wire/frame.ts'
import type { StreamPlace } from '../wire/run-state.ts'
import type { Analyst } from './analyst.ts'
import type { SinkLength, SinkValue } from './sink.ts'

/** Where the state of a run is kept: always the last one that was saved as a whole. */
export interface CheckpointStore {
  /** Settles when the state has taken the last one's place for good. Each chunk is used before the next is asked for. */
  save(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>
  /** The last state in chunks; undefined where none was saved yet. */
  load(): Promise<AsyncIterable<Uint8Array> | undefined>
}

/** What is saved beside a run: the sinks as the pipeline has them, and the length of each that is a file. */
export interface Ends {
  readonly sinks: readonly string[]
  readonly lengths: readonly (SinkLength | null)[]
}

export const namesOf = (sinks: readonly SinkValue[]): string[] =>
  sinks.map(({ definition, options }) => JSON.stringify({ type: definition.type, ...options }))

/** What was saved last: where the stream stood, and the ends. */
export interface Checkpoint {
  readonly place: StreamPlace
  readonly ends: Ends
}

/**
 * Loads the last state into an analyst.
 *
 * @param join how the source goes on, see `StateLoader`
 * @returns undefined where no state was saved yet
 * @throws E_STATE when the state or the sinks are others
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
 * Frames as they are, and between two of them, whenever so many blocks have been analysed since the last time, the run is
 * saved. It is saved once more when the frames end before its `close`.
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
    // Its taker is done with it when it asks for the next one.
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
