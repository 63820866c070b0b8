import { from } from 'rxjs'
import { build } from '../build.gen.ts'
import { analyseBy } from '../engine/analyse.ts'
import type { Run } from '../engine/run.ts'
import { Runs } from '../engine/runs.ts'
import type { Alert, Values } from '../engine/stage.ts'
import { saveState } from '../engine/state.ts'
import type { AnalysedBlock } from '../engine/summary.ts'
import { kernelKind } from '../kernels/arena.ts'
import {
  type CheckpointStore,
  type Ends,
  loadCheckpoint,
  namesOf,
  savedBetween,
} from './checkpoint.ts'
import { CreditGate } from './credit-gate.ts'
import { framesOf } from './frames.ts'
import { Meter } from './meter.ts'
import { Outlet } from './outlet.ts'
import type { Pipeline } from './pipeline.ts'

/** Writes that may be on their way to sinks before the source has to wait. */
const credits = 8

export interface RunOptions {
  /** Ends the run as if the stream ended here: summaries are written, sinks flushed and closed. */
  readonly signal?: AbortSignal
  /** Facts of the host, for the `environment` of `run` summaries. */
  readonly environment?: Values
  readonly meter?: Meter
  /** Saves state every so many blocks and at the end; with `resume` goes on from the last one. */
  readonly checkpoint?: {
    readonly store: CheckpointStore
    readonly every: number
    readonly resume: boolean
  }
}

/** A pipeline that names all that it needs. */
export type CompletePipeline = Required<Pick<Pipeline, 'settings' | 'source' | 'sinks'>>

export interface RunOutcome {
  /** Highest level of all alerts. */
  readonly alerts: Alert['level'] | undefined
}

/**
 * Runs a pipeline from its source to its sinks. However it ends, every sink has been given what was computed and is
 * closed when this settles.
 *
 * @throws what ended the run: an error in the data, or of the source, or the first sink's
 */
export async function runPipeline(
  { settings, source, sinks }: CompletePipeline,
  { signal, environment = {}, meter = new Meter(), checkpoint }: RunOptions = {}
): Promise<RunOutcome> {
  const stop = new AbortController()
  const halt = () => stop.abort()
  if (signal?.aborted) halt()
  signal?.addEventListener('abort', halt)
  const gate = new CreditGate(credits)
  const outlet = new Outlet(gate, halt)
  const levels = new Set<Alert['level']>()
  let emit: (block: AnalysedBlock) => void = () => {}
  const runs = new Runs(settings, (block) => emit(block))
  const taken = (to: typeof emit): Runs => {
    emit = to
    return runs
  }
  const save = async (run: Run): Promise<void> => {
    const ends: Ends = { sinks: namesOf(sinks), lengths: await outlet.lengths() }
    if (outlet.failure === undefined) await checkpoint!.store.save(saveState(run, ends))
  }
  try {
    const join = source.definition.seeks ? 'next' : 'earlier'
    const saved = checkpoint?.resume
      ? await loadCheckpoint(checkpoint.store, runs, sinks, (block) => emit(block), join)
      : undefined
    await outlet.open(sinks, saved?.lengths)
    const place = join === 'next' ? runs.current?.place : undefined
    const bytes = source.definition.open(source.options as never, stop.signal, place?.offset)
    const { limits } = settings
    const read = framesOf(bytes, { limits, gate, meter, signal: stop.signal, from: place })
    await from(checkpoint ? savedBetween(read, runs, checkpoint.every, save) : read)
      .pipe(analyseBy(taken))
      .forEach((block) => {
        for (const { alerts } of block.summaries) for (const { level } of alerts) levels.add(level)
        outlet.write(
          withEnvironment(block, () => ({ ...measured(meter, settings), ...environment }))
        )
      })
  } finally {
    halt()
    signal?.removeEventListener('abort', halt)
    await outlet.close()
  }
  if (outlet.failure !== undefined) throw outlet.failure
  return { alerts: (['error', 'warn', 'info'] as const).find((level) => levels.has(level)) }
}

/** Puts the volatile facts on a run's last summary. */
function withEnvironment(block: AnalysedBlock, environment: () => Values): AnalysedBlock {
  if (!block.final) return block
  const summaries = block.summaries.map((summary) =>
    summary.type === 'run' ? { ...summary, environment: environment() } : summary
  )
  return { ...block, summaries }
}

function measured(meter: Meter, { mode }: Pipeline['settings']): Values {
  const { seconds, frames, bytes } = meter
  return {
    wallSeconds: seconds,
    framesPerSecond: frames / seconds,
    bytesPerSecond: bytes / seconds,
    kernels: kernelKind(mode),
    build,
  }
}
