import type { Settings } from '../engine/settings/settings.ts'
import { ThalwegError } from '../error.ts'
import { parsePipeline } from '../pipeline/pipeline.ts'
import type { StageDefinition } from '../stage/define.ts'

const MiB = 2 ** 20
/** A run's memory limit on the edge if the pipeline sets none. Instances have 128 MB. */
const memoryBytes = 64 * MiB
/** Writers split frames at 16 MiB of payload. */
const frameBytes = 17 * MiB
/** Each tensor takes a few hundred bytes besides its rows, and 10 µs when a run begins, during which all others wait. */
const tensors = 8192

/** Keys of a pipeline that the handler takes care of itself. */
const elsewhere = {
  source: 'frames are posted',
  sinks: 'summaries are answered',
  checkpoint: 'state is in the store',
  use: 'a handler loads no code; hand it stages instead',
  threads: 'a run has the thread of its requests, and the same figures there',
}

/**
 * The settings of a pipeline as it runs on the edge.
 *
 * @param stages the stages that the pipeline may name
 * @throws E_CONFIG
 */
export function edgeSettings(
  pipeline: object,
  stages: readonly { readonly definition: unknown }[]
): Settings {
  for (const [key, why] of Object.entries(elsewhere)) {
    if (!(key in pipeline)) continue
    throw new ThalwegError(
      'E_CONFIG',
      `handler: "${key}" has no place in the pipeline: ${why}. Leave it out.`
    )
  }
  const { memory, limits, ...rest } = pipeline as { memory?: object; limits?: object }
  const edge = {
    ...rest,
    memory: { max: memoryBytes, ...memory },
    limits: { frameBytes, tensors, ...limits },
  }
  const known = stages.map(({ definition }) => ({
    definition: definition as StageDefinition,
    options: {},
  }))
  return parsePipeline(edge, { stages: known, sources: [], sinks: [] }).settings
}
