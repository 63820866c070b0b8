import { createReadStream } from 'node:fs'
import { specsOf } from '../engine/run/specs.ts'
import type { AnalysedBlock, SummarySpecs } from '../engine/summary.ts'
import { storedBlocks } from '../pipeline/stored.ts'
import { chunks } from './chunks.ts'
import { registry } from './registry.ts'
import { standardInput } from './standard-input.ts'

export interface SummariesOptions {
  /** What is known of each type of summary. Default: the stages that ship with the package. */
  readonly specs?: SummarySpecs
  /** Ends the reading when it aborts. */
  readonly signal?: AbortSignal
}

/**
 * The summaries in a file, or on standard input for `-`, one block at a time. The sink `ndjson` wrote them; their runs have ended
 * or still continue.
 *
 * @throws E_INPUT if there is no such file, E_SUMMARY if a line is not a summary
 *
 * @example
 * ```ts
 * for await (const { run, summaries } of readSummaries('run.ndjson')) console.log(run, summaries.length)
 * ```
 */
export async function* readSummaries(
  path: string,
  { specs = specsOf(registry), signal = new AbortController().signal }: SummariesOptions = {}
): AsyncGenerator<AnalysedBlock> {
  const isInput = path === '-'
  const name = isInput ? 'stdin' : `file "${path}"`
  const input = isInput ? standardInput() : createReadStream(path)
  try {
    yield* storedBlocks(chunks(input, signal, name), specs, name)
  } finally {
    input.destroy()
  }
}
