import { readFileSync } from 'node:fs'

export interface Stored {
  readonly run: string
  readonly stage: string
  readonly step: number
  readonly values: Readonly<Record<string, unknown>>
}

/** Summaries that the sink `ndjson` stored of a stage, in order. */
export function storedOf(path: string, stage: string): Stored[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Stored)
    .filter((own) => own.stage === stage)
}
