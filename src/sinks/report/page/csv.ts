import { csvLine } from '../../flat/csv.ts'
import { told } from '../model/numbers.ts'
import { chart } from './charts.ts'
import { h } from './dom.ts'

/** The data of a chart, for people who read the numbers or compute with them. */
export interface TableOf {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

/** How many rows are shown on the page. The file has all of them. */
const mostRows = 200

/** A table that is made when it is opened, with a link to download it. */
export function tableDetails(id: string, title: string, table: () => TableOf): HTMLElement {
  const draw = (host: HTMLElement): void => {
    const { columns, rows } = table()
    const button = h('button', { type: 'button', class: 'link' }, 'Download as CSV')
    button.addEventListener('click', () => download(`${id}.csv`, csvOf(table())))
    const left = rows.length - mostRows
    host.replaceChildren(
      button,
      h(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Table of ${title}` },
        h(
          'table',
          {},
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              columns.map((name) => h('th', { scope: 'col' }, name))
            )
          ),
          h(
            'tbody',
            {},
            rows.slice(0, mostRows).map((row) =>
              h(
                'tr',
                {},
                row.map((cell) => h('td', {}, shown(cell)))
              )
            )
          )
        )
      ),
      left > 0 ? h('p', { class: 'quiet' }, `${left} more rows are in the file.`) : ''
    )
  }
  const details = h(
    'details',
    { class: 'table' },
    h('summary', {}, 'Table'),
    chart(`${id}-table`, draw)
  )
  return details
}

function shown(cell: unknown): string {
  return typeof cell === 'number' ? told(cell, 6) : cell === null ? '–' : String(cell ?? '')
}

/** Comma-separated values (RFC 4180), each line with its break. */
function csvOf({ columns, rows }: TableOf): string {
  const items = rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? cell : String(cell ?? '')))
  )
  return [columns, ...items].map((row) => `${csvLine(row)}\r\n`).join('')
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  const link = h('a', { href: url, download: name.replace(/[^\w.-]+/g, '-') })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
