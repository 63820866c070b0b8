import { from, type Observable } from 'rxjs'
import { analyseBy } from '../engine/analyse.ts'
import { Runs } from '../engine/run/runs.ts'
import type { Settings } from '../engine/settings/settings.ts'
import { StateLoader } from '../engine/state/load.ts'
import { saveState } from '../engine/state/save.ts'
import type { AnalysedBlock } from '../engine/summary.ts'
import type { Frame } from '../wire/frame.ts'
import type { StreamPlace } from '../wire/run-state.ts'

/** What a saved state contains besides the run itself. */
export interface Loaded {
  /** The place in the stream at which the state was saved. */
  readonly place: StreamPlace
  /** What the host saved with the run. */
  readonly host: unknown
}

/** Analyses a pipeline's frames, in this thread or in others. */
export interface Analyst {
  /** The current run of the stream, a new object for each run. After `settle` it includes the last frame that was given. */
  readonly run: { readonly blocks: number } | undefined
  /**
   * Loads a saved state, before the first frame.
   *
   * @param join how the stream continues, see `StateLoader`
   * @throws E_STATE
   */
  load(chunks: AsyncIterable<Uint8Array>, join: 'next' | 'earlier'): Promise<Loaded>
  /** The blocks that result from the frames. Subscribe once. */
  blocks(frames: AsyncIterable<Frame>): Observable<AnalysedBlock>
  /** Waits until all frames that were given are analysed and their blocks are emitted. */
  settle(): Promise<void>
  /** Saves the run's state. Call it after `settle`. Each chunk is valid until the next one is requested. */
  save(host: unknown): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  dispose(): Promise<void>
}

/**
 * Makes an analyst that works outside this thread.
 *
 * @param halt ends the frames if the analyst fails while nobody is waiting for it
 */
export type AnalystMaker = (settings: Settings, halt: () => void) => Analyst

/** Analyses in this thread, one frame at a time. */
export function localAnalyst(settings: Settings): Analyst {
  let emit: (block: AnalysedBlock) => void = () => {}
  const runs = new Runs(settings, (block) => emit(block))
  return {
    get run() {
      return runs.current
    },
    async load(chunks, join) {
      const loader = new StateLoader(runs.settings, (block) => emit(block), join)
      for await (const chunk of chunks) loader.push(chunk)
      const run = loader.finish()
      runs.resume(run, join)
      return { place: run.place, host: loader.host }
    },
    blocks: (frames) =>
      from(frames).pipe(
        analyseBy((to) => {
          emit = to
          return runs
        })
      ),
    settle: () => Promise.resolve(),
    save: (host) => saveState(runs.current!, host),
    dispose: () => Promise.resolve(),
  }
}
