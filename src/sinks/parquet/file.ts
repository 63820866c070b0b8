import type { ColumnSource, SchemaElement } from 'hyparquet-writer'
import { openWriter, type Writer } from '../../node/writer.ts'
import type { Item, Row } from '../flat/listed.ts'
import type { FlatTable } from '../flat/tables.ts'

/** Number of rows that are written together. A reader has to load a whole group. */
const groupRows = 16_384

/** Loaded only when someone writes Parquet. */
const library = () => import('hyparquet-writer')

/** A Parquet file that is written one group of rows at a time. It can be read only after it is closed. */
export class ParquetFile {
  readonly #table: FlatTable
  readonly #file: Writer
  readonly #room: InstanceType<Awaited<ReturnType<typeof library>>['ByteWriter']>
  readonly #parquet: InstanceType<Awaited<ReturnType<typeof library>>['ParquetWriter']>
  readonly #schema: readonly SchemaElement[]
  #rows: Row[] = []

  static async open(path: string, table: FlatTable): Promise<ParquetFile> {
    return new ParquetFile(table, await openWriter(path), await library())
  }

  constructor(
    table: FlatTable,
    file: Writer,
    { ByteWriter, ParquetWriter }: Awaited<ReturnType<typeof library>>
  ) {
    this.#table = table
    this.#file = file
    this.#room = new ByteWriter()
    this.#schema = [
      { name: 'root', num_children: table.columns.length },
      ...table.columns.map(({ name, type }): SchemaElement => {
        const element = { name, repetition_type: 'OPTIONAL' } as const
        if (type === 'text') return { ...element, type: 'BYTE_ARRAY', converted_type: 'UTF8' }
        return { ...element, type: type === 'integer' ? 'INT64' : 'DOUBLE' }
      }),
    ]
    this.#parquet = new ParquetWriter({ writer: this.#room, schema: [...this.#schema] })
  }

  async add(rows: readonly Row[]): Promise<void> {
    this.#rows.push(...rows)
    if (this.#rows.length >= groupRows) await this.#flush()
  }

  async close(): Promise<void> {
    if (this.#rows.length > 0) await this.#flush()
    await this.#parquet.finish()
    await this.#drain()
    await this.#file.length!()
    await this.#file.close()
  }

  async #flush(): Promise<void> {
    const rows = this.#rows
    this.#rows = []
    const columnData = this.#table.columns.map(
      ({ name, type }, i): ColumnSource => ({
        name,
        data: rows.map((row) => (type === 'integer' ? big(row[i]!) : (row[i] ?? null))),
      })
    )
    await this.#parquet.write({ columnData, rowGroupSize: groupRows })
    await this.#drain()
  }

  async #drain(): Promise<void> {
    const bytes = this.#room.getBytes().slice()
    this.#room.index = 0
    await this.#file.write(bytes)
  }
}

function big(item: Item): bigint | null {
  return item === null ? null : BigInt(item)
}
