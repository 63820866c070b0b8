import type {
  AnyValues,
  Cell,
  Figure,
  Graph,
  Histogram,
  Interval,
  Lines,
  Matrix,
  TableFigure,
  Weight,
} from '../../spec/figures.ts'

export interface Column {
  readonly name: string
  readonly type: 'text' | 'integer' | 'number'
  /** True if the column identifies the value in the row. */
  readonly key?: true
}

/** The content of a cell; null means not known. */
export type Item = string | number | null
export type Row = readonly Item[]

/** How a figure with more than one number fills a table of its own. */
export interface Listed {
  readonly columns: readonly Column[]
  /** @param value not null */
  rows(value: never): readonly Row[]
}

const text = (name: string): Column => ({ name, type: 'text' })
const integer = (name: string): Column => ({ name, type: 'integer' })
const key = (column: Column): Column => ({ ...column, key: true })
const number = (name: string): Column => ({ name, type: 'number' })

/** Numbers the items of a list from 1, as ranks are. */
const placed = <T>(items: readonly T[], row: (item: T) => Row): Row[] =>
  items.map((item, i) => [i + 1, ...row(item)])

const ends = (interval: Interval | null): Row => interval ?? [null, null]

/** The table of a figure. Undefined if the figure is a single value. */
export function listed(figure: Figure): Listed | undefined {
  switch (figure.kind) {
    case 'scalar':
    case 'share':
    case 'count':
    case 'verdict':
    case 'text':
      return undefined
    case 'interval': {
      const columns = [number('low'), number('high')]
      if (figure.over !== 'rank') return { columns, rows: (value: Interval) => [value] }
      return {
        columns: [key(integer('rank')), ...columns],
        rows: (values: readonly (Interval | null)[]) => placed(values, ends),
      }
    }
    case 'rank':
      return {
        columns: [key(integer('rank')), number('value')],
        rows: (values: readonly number[]) => placed(values, (value) => [value]),
      }
    case 'steps':
      return {
        columns: [key(integer('line')), key(integer('at')), number('value')],
        rows: ({ steps, values }: Lines) =>
          values.flatMap((line, i) => line.map((value, j): Row => [i + 1, steps[j]!, value])),
      }
    case 'spectrum':
      return {
        columns: [key(integer('rank')), number('real'), number('imaginary')],
        rows: (values: readonly (readonly [number, number])[]) => placed(values, (value) => value),
      }
    case 'histogram':
      return {
        columns: [key(number('low')), key(number('high')), integer('count')],
        rows: ({ edges, counts }: Histogram) =>
          counts.map((count, i) => [edges[i]!, edges[i + 1]!, count]),
      }
    case 'matrix':
      return {
        columns: [key(text('row')), key(text('column')), number('value')],
        rows: ({ rows, columns, values }: Matrix) =>
          values.flatMap((row, i) =>
            row.map((value, j): Row => [String(rows[i]), String(columns[j]), value])
          ),
      }
    case 'table':
      return tabled(figure)
    case 'graph':
      return {
        columns: [key(text('from')), key(text('to')), integer('count')],
        rows: ({ states, transitions }: Graph) =>
          transitions.map(({ from, to, count }) => [states[from]!, states[to]!, count]),
      }
  }
}

function tabled({ columns }: TableFigure): Listed {
  const cells = Object.entries(columns).map(([name, figure]) => ({ name, ...cell(name, figure) }))
  return {
    columns: [key(integer('rank')), ...cells.flatMap(({ columns }) => columns)],
    rows: (rows: readonly AnyValues[]) =>
      placed(rows, (row) => cells.flatMap(({ name, items }) => items(row[name] as never))),
  }
}

/** The columns of a cell, and their contents. */
function cell(
  name: string,
  figure: Cell
): { readonly columns: readonly Column[]; items(value: never): Row } {
  switch (figure.kind) {
    case 'interval':
      return { columns: [number(`${name}Low`), number(`${name}High`)], items: ends }
    case 'weight':
      return {
        columns: [text(`${name}Tensor`), integer(`${name}Index`)],
        items: (weight: Weight | null) => (weight ? [weight.tensor, weight.index] : [null, null]),
      }
    case 'verdict':
    case 'text':
      return { columns: [text(name)], items: (value: string | null) => [value] }
    case 'count':
      return { columns: [integer(name)], items: (value: number) => [value] }
    default:
      return { columns: [number(name)], items: (value: number) => [value] }
  }
}
