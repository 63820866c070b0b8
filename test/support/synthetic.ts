// Orbits of known maps, through the whole way of a pipeline: source, bytes, reader, engine, stage.

import type { Summary } from '../../src/engine/summary.ts'
import { ThalwegError } from '../../src/error.ts'
import { registry } from '../../src/node/registry.ts'
import { parsePipeline } from '../../src/pipeline/pipeline.ts'
import { runPipeline } from '../../src/pipeline/run-pipeline.ts'
import { defineSink } from '../../src/pipeline/sink.ts'
import type { FtleValues } from '../stages/ftle/members.ts'

/** The last summary of the one stage of a pipeline whose source is synthetic; E_INPUT without one. */
export async function lastOf(
  source: object,
  stage: object,
  settings: object = {}
): Promise<Summary> {
  const { type } = stage as { type: string }
  const pipeline = parsePipeline(
    { ...settings, source: { type: 'synthetic', ...source }, stages: [stage] },
    registry
  )
  let last: Summary | undefined
  const sink = defineSink({
    type: 'last',
    summary: 'Keeps the last summary of a stage.',
    options: {},
    open: () => ({
      write({ summaries }) {
        last = summaries.filter((summary) => summary.type === type).at(-1) ?? last
      },
      close() {},
    }),
  })
  await runPipeline({ ...pipeline, source: pipeline.source!, sinks: [sink()] })
  if (!last) throw new ThalwegError('E_INPUT', `no summary of ${type} came`)
  return last
}

/** What `ftle` last says of an orbit. */
export async function exponentsOf(
  source: object,
  stage: object = {},
  settings: object = {}
): Promise<FtleValues> {
  const { values } = await lastOf(source, { type: 'ftle', ...stage }, settings)
  return values as unknown as FtleValues
}
