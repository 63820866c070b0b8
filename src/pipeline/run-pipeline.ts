import { from } from 'rxjs'
import { build } from '../build.gen.ts'
import { analyseWith } from '../engine/analyse.ts'
import type { Alert, Values } from '../engine/stage.ts'
import type { AnalysedBlock } from '../engine/summary.ts'
import { kernelKind } from '../kernels/arena.ts'
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
}

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
  { settings, source, sinks }: Required<Pipeline>,
  { signal, environment = {}, meter = new Meter() }: RunOptions = {}
): Promise<RunOutcome> {
  const stop = new AbortController()
  const halt = () => stop.abort()
  if (signal?.aborted) halt()
  signal?.addEventListener('abort', halt)
  const gate = new CreditGate(credits)
  const outlet = new Outlet(gate, halt)
  const levels = new Set<Alert['level']>()
  try {
    await outlet.open(sinks)
    const bytes = source.definition.open(source.options as never, stop.signal)
    const frames = framesOf(bytes, { limits: settings.limits, gate, meter, signal: stop.signal })
    await from(frames)
      .pipe(analyseWith(settings))
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
