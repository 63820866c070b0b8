import { build } from '../build.gen.ts'
import { specsOf } from '../engine/run/specs.ts'
import type { Alert, AnalysedBlock, Summary } from '../engine/summary.ts'
import { ThalwegError } from '../error.ts'
import { kernelKind } from '../kernels/arena.ts'
import type { AnyValues } from '../spec/figures.ts'
import { type AnalystMaker, localAnalyst } from './analyst.ts'
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

/** How many writes to sinks may be pending before the source has to wait. */
const credits = 8

export interface RunOptions {
  /** Ends the run as if the stream ended here: summaries are written, and sinks are flushed and closed. */
  readonly signal?: AbortSignal
  /** Facts about the host, for the `environment` of `run` summaries. */
  readonly environment?: AnyValues
  readonly meter?: Meter
  /** Called with each alert when its summary is made, until the run is stopped. */
  readonly onAlert?: (alert: Alert, summary: Summary) => void
  /** Called with each block when the sinks get it. */
  readonly onBlock?: (block: AnalysedBlock) => void
  /** Saves the state every so many blocks and at the end. With `resume`, continues from the last saved state. */
  readonly checkpoint?: {
    readonly store: CheckpointStore
    readonly every: number
    readonly resume: boolean
  }
  /** Analyses the frames if the pipeline asks for `threads`: `workerThreads` of `thalweg/node`. */
  readonly threads?: AnalystMaker
}

/** A pipeline with a source and sinks. */
export type CompletePipeline = Required<Pick<Pipeline, 'settings' | 'source' | 'sinks'>> &
  Partial<Pick<Pipeline, 'threads'>>

export interface RunOutcome {
  /** The highest level of all alerts. */
  readonly alerts: Alert['level'] | undefined
}

/**
 * Runs a pipeline from its source to its sinks. However it ends, every sink has received what was computed, and is closed when
 * this settles.
 *
 * @throws what ended the run: an error in the data or of the source, or the first sink's error
 *
 * @example
 * ```ts
 * const { pipeline } = await loadPipeline('./mine.json', [], registry)
 * const { source, sinks } = { source: stdin(), sinks: [ndjson()], ...pipeline }
 * await runPipeline({ ...pipeline, source, sinks })
 * ```
 */
export async function runPipeline(
  { settings, source, sinks, threads = false }: CompletePipeline,
  { signal, environment = {}, meter = new Meter(), checkpoint, ...options }: RunOptions = {}
): Promise<RunOutcome> {
  const stop = new AbortController()
  const halt = () => stop.abort()
  const analyst = threads ? inThreads(options.threads)(settings, halt) : localAnalyst(settings)
  if (signal?.aborted) halt()
  signal?.addEventListener('abort', halt)
  const gate = new CreditGate(credits)
  const outlet = new Outlet(gate, halt)
  const levels = new Set<Alert['level']>()
  const used = threads ? { threads: settings.shards } : {}
  const save = async (): Promise<void> => {
    const ends: Ends = { sinks: namesOf(sinks), lengths: await outlet.lengths() }
    if (outlet.failure === undefined) await checkpoint!.store.save(analyst.save(ends))
  }
  try {
    const join = source.definition.seeks?.(source.options as never) ? 'next' : 'earlier'
    const saved = checkpoint?.resume
      ? await loadCheckpoint(checkpoint.store, analyst, sinks, join)
      : undefined
    await outlet.open(sinks, specsOf(settings), saved?.ends.lengths)
    const place = join === 'next' ? saved?.place : undefined
    const bytes = source.definition.open(source.options as never, stop.signal, place?.offset)
    const { limits } = settings
    const read = framesOf(bytes, { limits, gate, meter, signal: stop.signal, from: place })
    const frames = checkpoint ? savedBetween(read, analyst, checkpoint.every, save) : read
    await analyst.blocks(frames).forEach((block) => {
      for (const summary of block.summaries) {
        for (const alert of summary.alerts) {
          levels.add(alert.level)
          if (!stop.signal.aborted) options.onAlert?.(alert, summary)
        }
      }
      const whole = withEnvironment(block, () => ({
        ...measured(meter, settings),
        ...used,
        ...environment,
      }))
      options.onBlock?.(whole)
      outlet.write(whole)
    })
  } finally {
    halt()
    signal?.removeEventListener('abort', halt)
    await outlet.close()
    await analyst.dispose()
  }
  if (outlet.failure !== undefined) throw outlet.failure
  return { alerts: (['error', 'warn', 'info'] as const).find((level) => levels.has(level)) }
}

function inThreads(maker: AnalystMaker | undefined): AnalystMaker {
  if (maker) return maker
  throw new ThalwegError(
    'E_CONFIG',
    'threads: this host has none. Leave them out (the figures are the same), use `thalweg run`, or give runPipeline `workerThreads` of "thalweg/node".'
  )
}

/** Adds the volatile facts to a run's last summary. */
function withEnvironment(block: AnalysedBlock, environment: () => AnyValues): AnalysedBlock {
  if (!block.final) return block
  const summaries = block.summaries.map((summary) =>
    summary.type === 'run' ? { ...summary, environment: environment() } : summary
  )
  return { ...block, summaries }
}

function measured(meter: Meter, { mode }: Pipeline['settings']): AnyValues {
  const { seconds, frames, bytes } = meter
  return {
    wallSeconds: seconds,
    framesPerSecond: frames / seconds,
    bytesPerSecond: bytes / seconds,
    kernels: kernelKind(mode),
    build,
  }
}
