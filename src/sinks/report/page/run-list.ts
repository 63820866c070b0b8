import { told } from '../model/numbers.ts'
import type { ListedRun, Picture } from '../model/picture.ts'
import { h } from './dom.ts'

/** All known runs, the last one first. Those that are drawn can be selected. */
export function runList({ runs, listed, came }: Picture): HTMLElement {
  const drawn = new Set(runs.map(({ number }) => number))
  const ended = runs.map((run) => ({ ...run, end: run.end?.values.end }))
  const all: ListedRun[] = [...listed, ...ended].sort((a, b) => b.number - a.number)
  const left = came - all.length
  const rows = all.map(({ run, number, step, end }) =>
    h(
      'tr',
      {},
      h('td', {}, number),
      h('th', { scope: 'row' }, drawn.has(number) ? chooser(run, number) : run),
      h('td', {}, told(step)),
      h('td', {}, typeof end === 'string' ? end : 'running'),
      h('td', {}, drawn.has(number) ? 'yes' : 'no')
    )
  )
  const heads = ['#', 'run', 'step', 'end', 'drawn'].map((name) => h('th', { scope: 'col' }, name))
  return h(
    'section',
    { id: 'all-runs', class: 'section', 'aria-labelledby': 'all-runs-name' },
    h('header', { class: 'section-head' }, h('h2', { id: 'all-runs-name' }, 'All runs')),
    listed.length > 0 &&
      h(
        'p',
        { class: 'quiet' },
        `The last ${runs.length} runs are drawn. Of the others this page keeps only the last step and how they ended.`
      ),
    left > 0 && h('p', { class: 'quiet' }, `${left} earlier runs are not listed.`),
    h(
      'div',
      { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': 'Table of all runs' },
      h('table', {}, h('thead', {}, h('tr', {}, heads)), h('tbody', {}, rows))
    )
  )
}

function chooser(run: string, number: number): HTMLElement {
  return h(
    'button',
    { type: 'button', class: 'link', 'data-action': 'run', 'data-run': number },
    run
  )
}
