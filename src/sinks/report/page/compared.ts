import type { Compared, MappedRun } from '../model/compared.ts'
import { h } from './dom.ts'
import { jointMap } from './joint-map.ts'
import { matrixBox } from './kinds/matrix.ts'
import { tableBox } from './kinds/table.ts'
import { markOf, wordOf } from './level.ts'

/** How many sentences are written out. The table has all pairs. */
const mostSentences = 6

/** A comparison of groups of runs: the verdicts next to the joint map, all comparisons, and the distances between all runs. */
export function compared({
  verdicts,
  notes,
  comparisons,
  map,
  distances,
  groups,
}: Compared): HTMLElement[] {
  const left = verdicts.length - mostSentences
  return [
    h(
      'section',
      { id: 'verdicts', class: 'first-screen', 'aria-labelledby': 'verdicts-name' },
      h('h2', { id: 'verdicts-name', class: 'unseen' }, 'Verdicts'),
      h(
        'div',
        { class: 'said' },
        h(
          'ol',
          { class: 'sentences' },
          verdicts.slice(0, mostSentences).map(({ text, differ }) => {
            const level = differ ? 'warn' : 'info'
            return h(
              'li',
              { class: 'first' },
              markOf(level),
              h('span', { class: 'unseen' }, `${wordOf[level]}: `),
              h('span', { class: 'text' }, text)
            )
          })
        ),
        left > 0 && h('p', { class: 'quiet' }, `${left} more pairs of groups are in the table.`),
        notes.map((note) => h('p', { class: 'text' }, note))
      ),
      h('div', { class: 'stack' }, map ? jointMap(map, groups) : noMap())
    ),
    section('comparisons', 'All comparisons', [
      tableBox(
        'comparisons-table',
        comparisons.figure,
        comparisons.value,
        computed,
        'A row for each figure and pair of groups. Verdicts above are by eigenvalues, or else by the first matrix.'
      ),
    ]),
    ...(distances && map
      ? [
          section('distances', `Distances of all runs by ${map.figure}`, [
            matrixBox(
              'distances-matrix',
              distances.figure,
              distances.value,
              computed,
              ` In the order ${orderOf(map.runs)}.`
            ),
          ]),
        ]
      : []),
  ]
}

/** The groups in their order, with the number of runs in each. */
function orderOf(runs: readonly MappedRun[]): string {
  const counts = new Map<string, number>()
  for (const { group } of runs) counts.set(group, (counts.get(group) ?? 0) + 1)
  return [...counts].map(([group, count]) => `${group} (${count})`).join(', ')
}

const computed = 'By thalweg compare, from the last summary of each run.'

const noMap = (): HTMLElement =>
  h('p', { class: 'quiet' }, 'A map needs three runs or more that can all be compared.')

function section(id: string, name: string, boxes: HTMLElement[]): HTMLElement {
  return h(
    'section',
    { id, class: 'section', 'aria-labelledby': `${id}-name` },
    h('header', { class: 'section-head' }, h('h2', { id: `${id}-name` }, name)),
    h('div', { class: 'grid' }, boxes)
  )
}
