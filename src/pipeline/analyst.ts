import { from, type Observable } from 'rxjs'
import { analyseBy } from '../engine/analyse.ts'
import { Runs } from '../engine/run/runs.ts'
import type { Settings } from '../engine/settings/settings.ts'
import { StateLoader } from '../engine/state/load.ts'
import { saveState } from '../engine/state/save.ts'
import type { AnalysedBlock } from '../engine/summary.ts'
import type { Frame } from '../wire/frame.ts'
import type { StreamPlace } from '../wire/run-state.ts'

/** What a saved state says beside the run itself. */
export interface Loaded {
  /** Where the stream stood. */
  readonly place: StreamPlace
  /** What the host kept beside the run. */
  readonly host: unknown
}

/** Who analyses a pipeline's frames: this thread, or others. */
export interface Analyst {
  /** The run that the stream stands in, a new object for each; after `settle` as of the last frame that was given. */
  readonly run: { readonly blocks: number } | undefined
  /**
   * Takes up a saved state, before the first frame.
   *
   * @param join how the stream goes on, see `StateLoader`
   * @throws E_STATE
   */
  load(chunks: AsyncIterable<Uint8Array>, join: 'next' | 'earlier'): Promise<Loaded>
  /** What comes of the frames. Subscribe once. */
  blocks(frames: AsyncIterable<Frame>): Observable<AnalysedBlock>
  /** Waits until all frames that were given are analysed and their blocks are out. */
  settle(): Promise<void>
  /** The run's state, when all has settled; each chunk holds until the next is asked for. */
  save(host: unknown): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  dispose(): Promise<void>
}

/**
 * Makes an analyst that works outside of this thread.
 *
 * @param halt ends the frames, when it failed and nobody is waiting for it
 */
export type AnalystMaker = (settings: Settings, halt: () => void) => Analyst

/** Analyses in this thread, frame by frame. */
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
