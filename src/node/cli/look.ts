import type { SinkValue } from '../../pipeline/sink.ts'
import { ndjson } from '../../sinks/ndjson/index.ts'
import { table } from '../../sinks/table/index.ts'
import { terminalOf } from '../terminal.ts'

/** How a run is shown: live with a table at its end, by that table alone, or by lines of JSON on stdout. */
export type Look = 'view' | 'table' | 'lines'

interface Wanted {
  readonly json: boolean
  readonly table: boolean
  readonly plain: boolean
  readonly quiet: boolean
}

/** Pipes and files get lines; people at a terminal get a view, if they do not ask for something else. */
export function lookOf(
  { json, table, plain, quiet }: Wanted,
  { stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'> = process
): Look {
  if (json) return 'lines'
  if (table) return 'table'
  if (!stdout.isTTY) return 'lines'
  return plain || quiet || !terminalOf(stderr).interactive ? 'table' : 'view'
}

/** Sinks with a table where summaries would go to stdout. They keep their names: a state that was saved knows them. */
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
