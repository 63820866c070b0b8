import type { AnyValues, Cell, TableFigure } from '../../../../spec/figures.ts'
import { cellText } from '../../model/numbers.ts'
import { computedBy, type Subject } from '../../model/subject.ts'
import { box } from '../box.ts'
import { h } from '../dom.ts'

const mostRows = 24

/** Rows of cells by column. */
export function tableChart(
  subject: Subject,
  name: string,
  figure: TableFigure
): HTMLElement | undefined {
  const rows = subject.scope.values[name] as readonly AnyValues[] | null
  if (!rows || rows.length === 0) return undefined
  return tableBox(`${subject.id}-${name}`, figure, rows, computedBy(subject), 'No null.')
}

export function tableBox(
  id: string,
  figure: TableFigure,
  rows: readonly AnyValues[],
  computed: string,
  beside: string
): HTMLElement {
  const columns = Object.entries(figure.columns)
  const left = rows.length - mostRows
  return box({
    id,
    title: figure.title,
    caption: left > 0 ? `The first ${mostRows} of ${rows.length} rows. ${beside}` : beside,
    span: columns.length > 4 ? 12 : 6,
    chart: h(
      'div',
      { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': figure.title },
      h(
        'table',
        { class: 'cells' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, '#'),
            columns.map(([, cell]) => h('th', { scope: 'col' }, headOf(cell)))
          )
        ),
        h(
          'tbody',
          {},
          rows.slice(0, mostRows).map((row, i) =>
            h(
              'tr',
              {},
              h('td', {}, i + 1),
              columns.map(([key, cell]) => h('td', {}, cellText(cell, row[key])))
            )
          )
        )
      )
    ),
    shows: figure.means,
    computed,
    misleads: figure.misleads,
    table: () => ({
      columns: columns.map(([key]) => key),
      rows: rows.map((row) => columns.map(([key, cell]) => plainCell(cell, row[key]))),
    }),
  })
}

function headOf({ title, unit }: Cell): string {
  return unit ? `${title} (${unit})` : title
}

/** A cell as in the file: numbers are not formatted. */
function plainCell(cell: Cell, value: unknown): unknown {
  if (typeof value === 'number' || value === null || value === undefined) return value ?? null
  return Array.isArray(value) ? value.join(' to ') : cellText(cell, value)
}
