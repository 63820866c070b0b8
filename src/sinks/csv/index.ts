import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openWriter, outputError, type Writer } from '../../node/writer.ts'
import { defineSink } from '../../pipeline/sink.ts'
import { string } from '../../spec/fields.ts'
import { csvHeader, csvLine } from '../flat/csv.ts'
import type { Row } from '../flat/listed.ts'
import { type FlatTable, FlatTables } from '../flat/tables.ts'

export const csv = defineSink({
  type: 'csv',
  summary:
    'Flat tables as CSV: one of all single figures, one of alerts, one for each figure that is a list.',
  options: {
    path: string({
      description: 'the folder for `scalars.csv`, `alerts.csv` and `<type>.<figure>.csv`',
      required: true,
    }),
  },
  async open({ path }, { specs, length = {} }) {
    const kept = length as Readonly<Record<string, number>>
    const tables = new FlatTables(specs)
    const writers = new Map<FlatTable, Writer>()
    const fileOf = ({ name }: FlatTable) => join(path, `${name}.csv`)
    await mkdir(path, { recursive: true }).catch((error) => {
      throw outputError(error, `folder "${path}"`)
    })
    // Removes the tables of an earlier run, because they would look like tables of this run.
    for (const table of tables.all) {
      if (kept[table.name] === undefined) await rm(fileOf(table), { force: true })
      else writers.set(table, await openWriter(fileOf(table), kept[table.name]))
    }
    const add = async (table: FlatTable, rows: readonly Row[]): Promise<void> => {
      let writer = writers.get(table)
      const header = writer ? [] : [csvHeader(table.columns)]
      writer ??= await openWriter(fileOf(table))
      writers.set(table, writer)
      await writer.write([...header, ...rows.map(csvLine)].map((line) => `${line}\n`).join(''))
    }
    return {
      write: tables.inOrder(add),
      async length() {
        const lengths = [...writers].map(async ([{ name }, writer]) => [
          name,
          await writer.length!(),
        ])
        return Object.fromEntries(await Promise.all(lengths))
      },
      async close() {
        for (const writer of writers.values()) await writer.close()
      },
    }
  },
})
