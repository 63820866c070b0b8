import type { AnalyseOptions } from '../analyse.ts'
import { Runs } from '../engine/run/runs.ts'
import { parseSettings } from '../engine/settings/parse.ts'
import type { Settings } from '../engine/settings/settings.ts'
import { StateLoader } from '../engine/state/load.ts'
import { saveState } from '../engine/state/save.ts'
import { type AnalysedBlock, type Summary, summaryLine } from '../engine/summary.ts'
import type { StageValue } from '../stage/define.ts'
import { always } from '../stages/always.gen.ts'
import { readFrames } from '../wire/reader.ts'

/** The settings of a run with these stages. Stages that always run come first. */
export function checkSettings(stages: readonly StageValue[], options: AnalyseOptions): Settings {
  return parseSettings({ block: 8, emit: { every: 1 }, ...options }, stages, always, 'check')
}

/** How a stream is passed to the analysis. */
export interface Handing {
  /** Bytes per chunk; default: all at once. */
  readonly chunk?: number
  /** Number of frames after which the run is saved and loaded. */
  readonly saveAfter?: number
  /** Called with the runs before the run ends. */
  readonly look?: (runs: Runs) => void
}

/** The result of a stream: the summaries up to its end, or up to an error. */
export interface Analysed {
  readonly summaries: readonly Summary[]
  readonly error: unknown
}

export async function analysed(
  bytes: Uint8Array,
  settings: Settings,
  { chunk = bytes.length, saveAfter, look }: Handing = {}
): Promise<Analysed> {
  const summaries: Summary[] = []
  const emit = (block: AnalysedBlock): void => {
    summaries.push(...block.summaries)
  }
  const runs = new Runs(settings, emit)
  let frames = 0
  try {
    for await (const frame of readFrames(inChunks(bytes, chunk))) {
      if (frame.kind === 'close') look?.(runs)
      runs.take(frame)
      if (++frames === saveAfter && runs.current) runs.resume(saved(runs, settings, emit), 'next')
    }
    runs.end()
  } catch (error) {
    runs.end(error)
    return { summaries, error }
  }
  return { summaries, error: undefined }
}

/** The lines of all summaries that depend only on the stream and the stages. */
export function linesOf({ summaries }: Analysed): string[] {
  return summaries.map((summary) =>
    summaryLine(
      summary.type === 'run' ? { ...summary, values: { ...summary.values, memory: 0 } } : summary
    )
  )
}

function saved(runs: Runs, settings: Settings, emit: (block: AnalysedBlock) => void) {
  const loader = new StateLoader(settings, emit)
  for (const part of saveState(runs.current!)) loader.push(part.slice())
  return loader.finish()
}

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
