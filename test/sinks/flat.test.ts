// What csv and parquet write is read by pandas, pyarrow and DuckDB.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { plain } from '../../src/plain.ts'
import { csv } from '../../src/sinks/csv/index.ts'
import { csvLine } from '../../src/sinks/flat/csv.ts'
import { FlatTables } from '../../src/sinks/flat/tables.ts'
import { parquet } from '../../src/sinks/parquet/index.ts'
import { everyKind } from '../../src/testing/every-kind.ts'
import { hasPython, python } from '../support/python.ts'
import { blocks, hostile, opened, specs, sunk, type } from '../support/stored.ts'

const flat = suite('flat tables')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
flat.after(() => rmSync(folder, { recursive: true }))

const csvFolder = join(folder, 'csv')
const parquetFolder = join(folder, 'parquet')
await sunk(csv, { path: csvFolder })
await sunk(parquet, { path: parquetFolder })

flat('have a row for each single figure and a table for each list, of all that is declared', () => {
  const tables = new FlatTables(specs).rowsOfAll(blocks[1]!.summaries.slice(0, 1))
  const names = new Map([...tables].map(([{ name }, rows]) => [name, rows]))
  const scalars = names.get('scalars')!.map((row) => row[8])
  for (const [name, figure] of Object.entries(everyKind.definition.figures)) {
    if ('when' in figure) continue
    assert.ok(scalars.includes(name) || names.has(`${type}.${name}`), name)
  }
  for (const [table, rows] of tables) {
    for (const row of rows) assert.is(row.length, table.columns.length, table.name)
  }
})

flat('escape what a spreadsheet would run, and what CSV would cut', () => {
  assert.is(csvLine(['=1+1', '+a', '-a', '@a', '\ta', 'a=1']), "'=1+1,'+a,'-a,'@a,'\ta,a=1")
  assert.is(csvLine([-1.5, null, 'a,b', 'say "a"', 'a\nb']), '-1.5,,"a,b","say ""a""","a\nb"')
})

const test = hasPython('pandas', 'pyarrow', 'duckdb') ? flat : flat.skip

interface Read {
  readonly types: Record<string, string>
  readonly rows: Record<string, unknown>[]
}

const readers = `
import json, sys, pandas, duckdb
import pyarrow.parquet as pq
kind, folder = sys.argv[1:]
def out(frame):
    rows = json.loads(frame.to_json(orient='records', double_precision=15))
    return {'types': {name: str(dtype) for name, dtype in frame.dtypes.items()}, 'rows': rows}
def read(name):
    if kind == 'csv':
        path = f'{folder}/{name}.csv'
        return out(pandas.read_csv(path)), out(duckdb.sql(f"from read_csv('{path}', auto_detect=true)").df())
    path = f'{folder}/{name}'
    arrow = pq.read_table(path)
    return out(arrow.to_pandas()), out(duckdb.sql(f"from '{path}/*.parquet'").df()), {'types': {f.name: str(f.type) for f in arrow.schema}}
print(json.dumps({name: read(name) for name in ['scalars', 'alerts', '${type}.values', '${type}.modes', '${type}.history', '${type}.eigenvalues']}))
`

for (const [kind, path] of [
  ['csv', csvFolder],
  ['parquet', parquetFolder],
] as const) {
  test(`as ${kind} are read by pandas and DuckDB with the right types and values`, () => {
    const tables = python<Record<string, Read[]>>(readers, kind, path)
    for (const { types, rows } of tables.scalars!.slice(0, 2)) {
      assert.match(types.value!, /float|double/i)
      assert.match(types.step!, /int/i)
      const of = (figure: string) =>
        rows.filter((row) => row.figure === figure && row.scope === 'model')
      assert.equal(
        of('ratio').map(({ step, value }) => [step, value]),
        [
          [10, null],
          [20, 0.674],
          [30, 0.674],
        ]
      )
      assert.equal(
        of('loss').map(({ value }) => value),
        [2.5, 1.25, 0.5]
      )
      assert.is(of('finding')[0]!.text, 'calm')
      assert.is(of('size')[0]!.unit, 'm')
      const named = plain(hostile)
      assert.is(of(kind === 'csv' ? `'${named}` : named)[0]!.value, 3)
    }
    const [modes] = tables[`${type}.modes`] as [Read]
    const { run: _, frames: __, epoch: ___, ...row } = modes.rows[0]!
    assert.equal(row, {
      stage: type,
      type,
      scope: 'model',
      member: 0,
      step: 20,
      rank: 1,
      members: 23012,
      strength: 0.9312,
      part: 0.4,
      spanLow: 40,
      spanHigh: 500,
      kind: 'real',
      note: 'first',
      referenceTensor: 'a.b',
      referenceIndex: 7,
    })
    const [history] = tables[`${type}.history`] as [Read]
    assert.equal(
      history.rows.slice(0, 6).map(({ line, at, value }) => [line, at, value]),
      [
        [1, 1, 1],
        [1, 2, 2],
        [1, 4, 3],
        [2, 1, 4],
        [2, 2, null],
        [2, 4, 6],
      ]
    )
    const [alert] = tables.alerts as [Read]
    assert.is(alert.rows[0]!.message, 'here it is')
  })
}

test('as parquet have the types that Arrow takes', () => {
  const tables = python<Record<string, Read[]>>(readers, 'parquet', parquetFolder)
  const { types } = tables.scalars![2]!
  assert.equal(
    [types.run, types.step, types.epoch, types.value, types.text],
    ['string', 'int64', 'double', 'double', 'string']
  )
})

flat('as parquet close their parts where the run is saved, and go on in others', async () => {
  const path = join(folder, 'parts')
  const sink = await opened(parquet, { path })
  await sink.write(blocks[0]!)
  await sink.length!()
  await sink.write(blocks[1]!)
  await sink.close()
  assert.equal(readdirSync(join(path, 'scalars')), ['part-0.parquet', 'part-1.parquet'])
  await sunk(parquet, { path })
  assert.equal(readdirSync(join(path, 'scalars')), ['part-0.parquet'])
})

flat.run()
