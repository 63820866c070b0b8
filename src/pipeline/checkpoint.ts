import type { Run } from '../engine/run.ts'
import type { Runs } from '../engine/runs.ts'
import { StateLoader } from '../engine/state.ts'
import type { AnalysedBlock } from '../engine/summary.ts'
import { ThalwegError } from '../error.ts'
import type { Frame } from '../wire/frame.ts'
import type { SinkValue } from './sink.ts'

/** Where the state of a run is kept: always the last one that was saved as a whole. */
export interface CheckpointStore {
  /** Settles when the state has taken the last one's place for good. Each chunk is used before the next is asked for. */
  save(chunks: Iterable<Uint8Array>): Promise<void>
  /** The last state in chunks; undefined where none was saved yet. */
  load(): Promise<AsyncIterable<Uint8Array> | undefined>
}

/** What is saved beside a run: the sinks as the pipeline has them, and the length of each that is a file. */
export interface Ends {
  readonly sinks: readonly string[]
  readonly lengths: readonly (number | null)[]
}

export const namesOf = (sinks: readonly SinkValue[]): string[] =>
  sinks.map(({ definition, options }) => JSON.stringify({ type: definition.type, ...options }))

/**
 * Loads the last state into `runs`.
 *
 * @param join how the source goes on, see `StateLoader`
 * @returns what was saved beside it; undefined where no state was saved yet
 * @throws E_STATE when the state or the sinks are others
 */
export async function loadCheckpoint(
  store: CheckpointStore,
  runs: Runs,
  sinks: readonly SinkValue[],
  emit: (block: AnalysedBlock) => void,
  join: 'next' | 'earlier'
): Promise<Ends | undefined> {
  const chunks = await store.load()
  if (!chunks) return undefined
  const loader = new StateLoader(runs.settings, emit, join)
  for await (const chunk of chunks) loader.push(chunk)
  runs.resume(loader.finish(), join)
  const ends = loader.host as Ends
  const names = namesOf(sinks)
  if (JSON.stringify(ends.sinks) !== JSON.stringify(names)) {
    throw new ThalwegError(
      'E_STATE',
      `the state was saved with other sinks: got ${ends.sinks.join(', ')}, expected ${names.join(', ')}. Give those, or start anew.`
    )
  }
  return ends
}

/**
 * Frames as they are, and between two of them, whenever so many blocks have been analysed since the last time, a look at
 * the run. It is seen once more when the frames end before its `close`.
 */
export async function* savedBetween(
  frames: AsyncIterable<Frame>,
  runs: Runs,
  every: number,
  save: (run: Run) => Promise<void>
): AsyncGenerator<Frame> {
  let run = runs.current
  let blocks = run?.blocks ?? 0
  for await (const frame of frames) {
    // Its taker is done with it when it asks for the next one.
    yield frame
    if (run !== runs.current) {
      run = runs.current
      blocks = 0
    }
    if (!run || run.blocks - blocks < every) continue
    await save(run)
    blocks = run.blocks
  }
  if (runs.current) await save(runs.current)
}
