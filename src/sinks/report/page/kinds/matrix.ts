import type { Matrix, MatrixFigure } from '../../../../spec/figures.ts'
import { isKnown, percent, told } from '../../model/numbers.ts'
import { computedBy, type Subject } from '../../model/subject.ts'
import { box } from '../box.ts'
import { chart } from '../charts.ts'
import type { TableOf } from '../csv.ts'
import { h, s } from '../dom.ts'

/** Largest matrix whose cells are written out. */
const written = { rows: 40, columns: 12 }

/** A number for each row and column. Counts are shown as the share of their row, so that rows compare. */
export function matrixChart(
  subject: Subject,
  name: string,
  figure: MatrixFigure
): HTMLElement | undefined {
  const value = subject.scope.values[name] as Matrix | null
  if (!value || value.values.length === 0) return undefined
  return matrixBox(`${subject.id}-${name}`, figure, value, computedBy(subject))
}

/** @param order what is to be said of the order of rows and columns */
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
  const fits = rows.length <= written.rows && columns.length <= written.columns
  const label = `${figure.title}: ${rows.length} × ${columns.length}, ${figure.rows} by ${figure.columns}`
  const table = (): TableOf => ({
    columns: [figure.rows, ...columns.map(String)],
    rows: rows.map((row, i) => [row, ...values[i]!]),
  })
  return box({
    id,
    title: figure.title,
    caption: `Rows: ${figure.rows}. Columns: ${figure.columns}.${order} ${isCount ? 'Share of the row in each cell; · for 0.' : `A stronger colour is larger in magnitude, from ${told(ends.least)} to ${told(ends.most)}.`}`,
    span: columns.length > 8 ? 12 : 7,
    chart: fits
      ? heatTable(figure, value, cells, ends, isCount)
      : chart(id, (host, width) => host.replaceChildren(heatMap(cells, ends, width, label))),
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

function heatMap(
  cells: readonly (readonly number[])[],
  ends: Ends,
  width: number,
  label: string
): SVGSVGElement {
  const shown = cells.slice(0, 64)
  const high = shown.length > 32 ? 6 : 12
  const wide = width / Math.max(1, cells[0]!.length)
  return s(
    'svg',
    { width, height: shown.length * high, role: 'img', 'aria-label': label },
    shown.flatMap((row, i) =>
      row.flatMap((cell, j) => {
        const level = shade(cell, ends)
        const at = { x: j * wide, y: i * high, width: wide + 0.3, height: high }
        return level === 0 ? [] : [s('rect', { class: `heat-${level}`, ...at })]
      })
    )
  )
}

interface Ends {
  readonly least: number
  readonly most: number
}

/** Magnitudes that the shades span: from 0, or from the least where all are within a factor of two. */
function endsOf(cells: readonly (readonly number[])[]): Ends {
  const sizes = cells.flat().filter(isKnown).map(Math.abs)
  const [least, most] = [Math.min(...sizes), Math.max(...sizes, 1e-300)]
  return { least: least > most / 2 && least < most ? least : 0, most }
}

/** One of ten shades of one hue; the palest is for what is not known, and for 0. */
function shade(cell: number, { least, most }: Ends): number {
  if (!isKnown(cell) || cell === 0) return 0
  return Math.min(9, Math.max(1, Math.ceil((9 * (Math.abs(cell) - least)) / (most - least))))
}
