import { figuresOf } from '../../engine/run/specs.ts'
import type { Summary, SummarySpecs } from '../../engine/summary.ts'
import { plain } from '../../plain.ts'
import type { Figure } from '../../spec/figures.ts'
import { type Column, type Item, type Listed, listed, type Row } from './listed.ts'

/** A table for the summaries of many runs: first the columns that say where a row comes from, then its values. */
export interface FlatTable {
  /** `scalars`, `alerts`, or `<stage type>.<figure>`. It can be a file name. */
  readonly name: string
  readonly columns: readonly Column[]
}

/** A row of a table. */
export interface FlatRow {
  readonly table: FlatTable
  readonly row: Row
}

const place: readonly Column[] = [
  { name: 'run', type: 'text' },
  { name: 'stage', type: 'text' },
  { name: 'type', type: 'text' },
  { name: 'scope', type: 'text' },
  { name: 'member', type: 'integer' },
  { name: 'step', type: 'integer' },
  { name: 'epoch', type: 'number' },
  { name: 'frames', type: 'integer' },
]

const scalars: FlatTable = {
  name: 'scalars',
  columns: [
    ...place,
    { name: 'figure', type: 'text' },
    { name: 'unit', type: 'text' },
    { name: 'value', type: 'number' },
    { name: 'text', type: 'text' },
  ],
}

const alerts: FlatTable = {
  name: 'alerts',
  columns: [
    ...place,
    { name: 'id', type: 'text' },
    { name: 'level', type: 'text' },
    { name: 'message', type: 'text' },
  ],
}

/** Converts summaries to flat rows: one table for all single figures, one for each figure that is a list, and one for alerts. */
export class FlatTables {
  readonly all: readonly FlatTable[]
  readonly #specs: SummarySpecs
  readonly #lists = new Map<Figure, { readonly table: FlatTable; readonly list: Listed }>()

  constructor(specs: SummarySpecs) {
    this.#specs = specs
    for (const { type, figures } of specs.values()) {
      for (const [name, figure] of Object.entries(figures)) {
        const list = listed(figure)
        if (!list) continue
        const table = {
          name: `${type}.${name}`.replace(/[^\w.-]/g, '_'),
          columns: [...place, ...list.columns],
        }
        this.#lists.set(figure, { table, list })
      }
    }
    this.all = [scalars, alerts, ...[...this.#lists.values()].map(({ table }) => table)]
  }

  /** The rows of these summaries, by table. */
  rowsOfAll(summaries: readonly Summary[]): Map<FlatTable, Row[]> {
    const all = new Map<FlatTable, Row[]>()
    for (const summary of summaries) {
      for (const { table, row } of this.rowsOf(summary)) {
        const rows = all.get(table) ?? []
        all.set(table, rows)
        rows.push(row)
      }
    }
    return all
  }

  /** Makes a sink's `write`: it passes on a block's rows, table by table, and each block after the previous one. */
  inOrder(
    add: (table: FlatTable, rows: readonly Row[]) => Promise<void>
  ): (block: { readonly summaries: readonly Summary[] }) => Promise<void> {
    let last = Promise.resolve()
    return ({ summaries }) => {
      const rows = this.rowsOfAll(summaries)
      last = last.then(async () => {
        for (const [table, own] of rows) await add(table, own)
      })
      return last
    }
  }

  /** A summary's rows. Figures that are not declared have none. */
  *rowsOf(summary: Summary): Generator<FlatRow> {
    const { run, stage, type, scope, member, step, epoch, frames, values } = summary
    const at = [run, stage, type, scope, member, step, epoch ?? null, frames]
    const row = (items: Row): Row => [...at, ...items].map(clean)
    const single = (name: string, { unit }: Figure, value: unknown): FlatRow => {
      const isText = typeof value === 'string'
      const items = isText ? [null, value] : [value as number, null]
      return { table: scalars, row: row([name, unit ?? null, ...items]) }
    }
    for (const [name, figure] of Object.entries(figuresOf(summary, this.#specs))) {
      const value = values[name]
      const own = this.#lists.get(figure)
      if (value === undefined) continue
      if (!own) yield single(name, figure, value)
      else if (value !== null) {
        for (const items of own.list.rows(value as never)) {
          yield { table: own.table, row: row(items) }
        }
      }
    }
    for (const { id, level, message } of summary.alerts) {
      yield { table: alerts, row: row([id, level, message]) }
    }
  }
}

/**
 * A number that is not finite becomes null (not known). In texts, control characters are escaped, because names may come from
 * strangers.
 */
function clean(item: Item): Item {
  if (typeof item === 'string') return plain(item)
  return Number.isFinite(item) ? item : null
}
