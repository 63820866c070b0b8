import type { Compared, MappedRun } from '../model/compared.ts'
import { percent, told } from '../model/numbers.ts'
import { box } from './box.ts'
import { chart } from './charts.ts'
import { h, s } from './dom.ts'
import { onPlane } from './kinds/on-plane.ts'

const height = 380

/** Marks of the groups, centred at 0, 0. They differ by shape as well as by colour. */
const marks = [
  'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z',
  'M-4.5-4.5h9v9h-9Z',
  'M0-6L5.5 4.5h-11Z',
  'M0-6.5L6.5 0L0 6.5L-6.5 0Z',
  'M0 6L5.5-4.5h-11Z',
  'M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4Z',
]

/** All runs of all groups as points in a plane. */
export function jointMap(
  { figure, shown, runs }: NonNullable<Compared['map']>,
  groups: readonly string[]
): HTMLElement {
  const label = `${runs.length} runs of ${groups.length} groups: ${groups.map((group) => placeOf(group, runs)).join('; ')}`
  return box({
    id: 'joint-map',
    title: `All runs in one plane, by ${figure}`,
    caption: `A point for each run, near those that it is like. The plane shows ${percent(shown)} of what sets the runs apart.`,
    span: 12,
    chart: h(
      'div',
      {},
      h('p', { class: 'legend' }, groups.map(named)),
      chart('joint-map', (host, width) =>
        host.replaceChildren(
          s(
            'svg',
            { width, height, role: 'img', 'aria-label': label },
            marksOf(runs, groups, width)
          )
        )
      )
    ),
    shows:
      'Distances between points are as near to the distances between runs as a plane lets them be. Directions mean nothing.',
    computed: 'By thalweg compare: classical scaling of all distances (Torgerson 1952).',
    misleads:
      'Runs that a plane cannot set apart lie together: the matrix below has their distances.',
    table: () => ({
      columns: ['group', 'run', 'x', 'y'],
      rows: runs.map(({ group, run, x, y }) => [group, run, x, y]),
    }),
  })
}

function named(group: string, i: number): HTMLElement {
  return h(
    'span',
    { class: 'run-name' },
    s('svg', { width: 14, height: 14, viewBox: '-7 -7 14 14', 'aria-hidden': 'true' }, markOf(i)),
    group
  )
}

const markOf = (i: number, title = ''): SVGPathElement =>
  s(
    'path',
    { class: `swatch-${i % 6}`, d: marks[i % marks.length]! },
    title !== '' && s('title', {}, title)
  )

function marksOf(runs: readonly MappedRun[], groups: readonly string[], width: number) {
  const { x, y, rules } = onPlane(runs, { width, height, margin: [40, 40] })
  return [
    ...rules,
    ...runs.map((own) => {
      const mark = markOf(groups.indexOf(own.group), `${own.group}: ${own.run}`)
      const at = `translate(${x(own.x).toFixed(1)} ${y(own.y).toFixed(1)})`
      return s('g', { class: 'point', transform: at }, mark)
    }),
  ]
}

/** Says in words where a group's runs are. */
function placeOf(group: string, runs: readonly MappedRun[]): string {
  const own = runs.filter((run) => run.group === group)
  const mean = (of: (run: MappedRun) => number): number =>
    own.reduce((sum, run) => sum + of(run), 0) / own.length
  return `${group} about ${told(mean(({ x }) => x))}, ${told(mean(({ y }) => y))}`
}
