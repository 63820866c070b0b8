import type { SinkValue } from '../../pipeline/sink.ts'
import { ndjson } from '../../sinks/ndjson/index.ts'
import { table } from '../../sinks/table/index.ts'
import { terminalOf } from '../terminal.ts'

/** How a run is shown: as a live view with a table at the end, as the table only, or as lines of JSON on stdout. */
export type Look = 'view' | 'table' | 'lines'

interface Wanted {
  readonly json: boolean
  readonly table: boolean
  readonly plain: boolean
  readonly quiet: boolean
}

/** Pipes and files get lines. A terminal gets the view, unless the options say otherwise. */
export function lookOf(
  { json, table, plain, quiet }: Wanted,
  { stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'> = process
): Look {
  if (json) return 'lines'
  if (table) return 'table'
  if (!stdout.isTTY) return 'lines'
  return plain || quiet || !terminalOf(stderr).interactive ? 'table' : 'view'
}

/** Replaces sinks that would write summaries to stdout by a table. They keep their type, because a saved state refers to it. */
export function sinksFor(look: Look, sinks: readonly SinkValue[]): readonly SinkValue[] {
  if (look === 'lines') return sinks
  return sinks.map((sink) => {
    const { definition, options } = sink
    const goesToStdout = definition.type === ndjson.definition.type && options.path === '-'
    const { open } = table.definition
    return goesToStdout
      ? { definition: { ...definition, open: open as typeof definition.open }, options }
      : sink
  })
}
