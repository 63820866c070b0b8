import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { outputError } from '../../node/writer.ts'
import { defineSink } from '../../pipeline/sink.ts'
import { string } from '../../spec/fields.ts'
import type { Row } from '../flat/listed.ts'
import { type FlatTable, FlatTables } from '../flat/tables.ts'
import { ParquetFile } from './file.ts'

/**
 * A Parquet file cannot be read before it is closed, and cannot be continued afterwards. So each table is a folder of parts: when
 * the run is saved, the open parts are closed, and the next rows begin new ones.
 */
export const parquet = defineSink({
  type: 'parquet',
  summary:
    'Flat tables as Parquet: one of all single figures, one of alerts, one for each figure that is a list.',
  options: {
    path: string({
      description:
        'the folder for `scalars/`, `alerts/` and `<type>.<figure>/`, which hold `part-0.parquet` and, after a checkpoint, more',
      required: true,
    }),
  },
  async open({ path }, { specs, length = {} }) {
    const tables = new FlatTables(specs)
    const parts: Record<string, number> = { ...(length as Readonly<Record<string, number>>) }
    const open = new Map<FlatTable, ParquetFile>()
    const fileOf = (name: string, part: number) => join(path, name, `part-${part}.parquet`)
    for (const { name } of tables.all) await clear(join(path, name), parts[name] ?? 0)

    const add = async (table: FlatTable, rows: readonly Row[]): Promise<void> => {
      let file = open.get(table)
      if (!file) {
        const { name } = table
        parts[name] ??= 0
        await made(join(path, name))
        file = await ParquetFile.open(fileOf(name, parts[name]), table)
        parts[name]++
        open.set(table, file)
      }
      await file.add(rows)
    }
    const finish = async (): Promise<void> => {
      const files = [...open.values()]
      open.clear()
      for (const file of files) await file.close()
    }
    return {
      write: tables.inOrder(add),
      async length() {
        await finish()
        return { ...parts }
      },
      close: finish,
    }
  },
})

/** Removes the parts of a table, beginning with this one. */
async function clear(folder: string, from: number): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const [, part] = /^part-(\d+)\.parquet$/.exec(name) ?? []
    if (part !== undefined && Number(part) >= from) await rm(join(folder, name))
  }
}

async function made(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw outputError(error, `folder "${folder}"`)
  })
}
