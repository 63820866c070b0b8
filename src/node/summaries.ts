import { createReadStream } from 'node:fs'
import { specsOf } from '../engine/run/specs.ts'
import type { AnalysedBlock, SummarySpecs } from '../engine/summary.ts'
import { storedBlocks } from '../pipeline/stored.ts'
import { chunks } from './chunks.ts'
import { registry } from './registry.ts'
import { standardInput } from './standard-input.ts'

export interface SummariesOptions {
  /** What is told of each type of summary; default: that of the stages that ship with the package. */
  readonly specs?: SummarySpecs
  /** Ends the reading. */
  readonly signal?: AbortSignal
}

/**
 * The summaries in a file, or of standard input for `-`, a block at a time: what the sink `ndjson` wrote of runs that ended or
 * still go on.
 *
 * @throws E_INPUT where there is no such file, E_SUMMARY where a line is not a summary
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
