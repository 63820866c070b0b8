import type { Matrix, MatrixFigure } from '../../../../spec/figures.ts'
import { percent, told } from '../../model/numbers.ts'
import { computedBy, type Subject } from '../../model/subject.ts'
import { box } from '../box.ts'
import { chart } from '../charts.ts'
import type { TableOf } from '../csv.ts'
import { h } from '../dom.ts'
import { type Ends, endsOf, heatMap, mostRows, shade } from './heat-map.ts'

/** Size of the largest matrix whose cells are written out as numbers. */
const written = { rows: 40, columns: 12 }

/** A number for each row and column. Counts are shown as shares of their row, so that rows can be compared. */
export function matrixChart(
  subject: Subject,
  name: string,
  figure: MatrixFigure
): HTMLElement | undefined {
  const value = subject.scope.values[name] as Matrix | null
  if (!value || value.values.length === 0) return undefined
  return matrixBox(`${subject.id}-${name}`, figure, value, computedBy(subject))
}

/** @param order what to say about the order of rows and columns */
export function matrixBox(
  id: string,
  figure: MatrixFigure,
  value: Matrix,
  computed: string,
  order = ''
): HTMLElement {
  const { rows, columns, values } = value
  const isCount = values.every((row) => row.every((cell) => Number.isInteger(cell) && cell >= 0))
  const cells = isCount ? values.map(sharesOf) : values
  const ends = endsOf(cells)
  const isSquare = String(rows) === String(columns)
  const fits = rows.length <= written.rows && columns.length <= written.columns
  const label = `${figure.title}: ${rows.length} × ${columns.length}, ${figure.rows} by ${figure.columns}`
  const table = (): TableOf => ({
    columns: [figure.rows, ...columns.map(String)],
    rows: rows.map((row, i) => [row, ...values[i]!]),
  })
  return box({
    id,
    title: figure.title,
    caption: [
      `Rows: ${figure.rows}. Columns: ${figure.columns}.${order}`,
      isCount && fits && 'Share of the row in each cell; · for 0.',
      isCount && !fits && 'A stronger colour is a larger share of the row.',
      !isCount &&
        `A stronger colour is larger in magnitude, from ${told(ends.least)} to ${told(ends.most)}.`,
      !fits &&
        rows.length > mostRows &&
        `The first ${mostRows} of ${rows.length} rows; the table has all.`,
    ]
      .filter(Boolean)
      .join(' '),
    span: isSquare && !fits ? 6 : columns.length > 8 ? 12 : 7,
    chart: fits
      ? heatTable(figure, value, cells, ends, isCount)
      : chart(id, (host, width) => host.replaceChildren(heatMap(value, cells, ends, width, label))),
    shows: figure.means,
    computed,
    misleads: figure.misleads,
    table,
  })
}

function sharesOf(row: readonly number[]): number[] {
  const total = row.reduce((sum, cell) => sum + cell, 0)
  return row.map((cell) => (total > 0 ? cell / total : 0))
}

function heatTable(
  figure: MatrixFigure,
  { rows, columns }: Matrix,
  cells: readonly (readonly number[])[],
  ends: Ends,
  isCount: boolean
): HTMLElement {
  const show = (cell: number): string =>
    cell === 0 ? '·' : isCount ? percent(cell, 0) : told(cell, 2)
  return h(
    'div',
    { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': figure.title },
    h(
      'table',
      { class: 'heat' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('td', {}),
          columns.map((name) => h('th', { scope: 'col' }, name))
        )
      ),
      h(
        'tbody',
        {},
        rows.map((name, i) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, name),
            cells[i]!.map((cell) => h('td', { class: `heat-${shade(cell, ends)}` }, show(cell)))
          )
        )
      )
    )
  )
}
