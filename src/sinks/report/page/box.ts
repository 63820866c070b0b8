import { type TableOf, tableDetails } from './csv.ts'
import { h } from './dom.ts'

/** A chart with its title, caption, explanations and table. */
export interface Box {
  readonly id: string
  readonly title: string
  /** One line that says how to read the marks. */
  readonly caption: string
  /** Width in columns; the page has twelve. */
  readonly span: 3 | 4 | 5 | 6 | 7 | 12
  readonly chart: Node
  readonly shows: string
  readonly computed: string
  readonly misleads?: string
  readonly table: () => TableOf
}

export function box({ id, title, caption, span, chart, ...told }: Box): HTMLElement {
  const name = `${id}-title`
  return h(
    'figure',
    { class: `span-${span}`, id, 'aria-labelledby': name },
    h('figcaption', {}, h('h3', { id: name }, title), h('p', { class: 'quiet' }, caption)),
    chart,
    h(
      'details',
      { class: 'how' },
      h('summary', {}, 'How to read this'),
      h(
        'dl',
        {},
        entry('Shows', told.shows),
        entry('Computed', told.computed),
        told.misleads !== undefined && entry('Misleads', told.misleads)
      )
    ),
    tableDetails(id, title, told.table)
  )
}

function entry(term: string, text: string): HTMLElement[] {
  return [h('dt', {}, term), h('dd', {}, text)]
}
