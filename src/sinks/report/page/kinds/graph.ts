import type { Graph, GraphFigure } from '../../../../spec/figures.ts'
import { told } from '../../model/numbers.ts'
import { computedBy, type Subject } from '../../model/subject.ts'
import { box } from '../box.ts'
import { chart } from '../charts.ts'
import { h, s } from '../dom.ts'

/** How many states are drawn at most. If there are more, only the list of transitions is shown. */
const mostStates = 12
const mostEdges = 24

/** States and the transitions between them: arcs on wide screens, a list on phones. */
export function graphChart(
  subject: Subject,
  name: string,
  figure: GraphFigure
): HTMLElement | undefined {
  const graph = subject.scope.values[name] as Graph | null
  if (!graph || graph.states.length === 0) return undefined
  const id = `${subject.id}-${name}`
  return box({
    id,
    title: figure.title,
    caption:
      'Arcs above go to the right, below to the left. A thicker arc came more often. No null.',
    span: 6,
    chart: chart(id, (host, width) => {
      const fits = width >= 400 && graph.states.length <= mostStates
      host.replaceChildren(fits ? arcs(figure, graph, width) : edgeList(graph))
    }),
    shows: figure.means,
    computed: computedBy(subject),
    misleads: figure.misleads,
    table: () => ({
      columns: ['from', 'to', 'count'],
      rows: graph.transitions.map(({ from, to, count }) => [
        graph.states[from],
        graph.states[to],
        count,
      ]),
    }),
  })
}

function edgeList({ states, transitions }: Graph): HTMLElement {
  const left = transitions.length - mostEdges
  return h(
    'ul',
    { class: 'edges' },
    transitions
      .slice(0, mostEdges)
      .map(({ from, to, count }) =>
        h('li', {}, `${states[from]} → ${states[to]}, ${told(count)} times`)
      ),
    left > 0 && h('li', {}, `and ${left} more`)
  )
}

function arcs(
  { title }: GraphFigure,
  { states, transitions }: Graph,
  width: number
): SVGSVGElement {
  const height = 190
  const middle = height / 2
  const x = (i: number) => ((i + 0.5) * width) / states.length
  const most = Math.max(...transitions.map(({ count }) => count), 1)
  const paths = transitions.map(({ from, to, count }) => {
    const thick = 1 + (4 * count) / most
    const reach = from === to ? 20 : Math.min(75, 16 + 0.35 * Math.abs(x(to) - x(from)))
    const side = to > from ? -1 : 1
    const d =
      from === to
        ? `M${x(from) - 8} ${middle - 14}c-14 ${-reach} 30 ${-reach} 16 0`
        : `M${x(from)} ${middle + 14 * side}Q${(x(from) + x(to)) / 2} ${middle + side * (14 + 2 * reach)} ${x(to)} ${middle + 14 * side}`
    return s('path', { class: 'arc', d, 'stroke-width': thick })
  })
  const names = states.map((name, i) =>
    s(
      'text',
      { x: x(i), y: middle + 4, 'text-anchor': 'middle' },
      short(name, width / states.length)
    )
  )
  const words = transitions
    .slice(0, 6)
    .map(({ from, to, count }) => `${states[from]} to ${states[to]} ${count} times`)
  return s(
    'svg',
    { width, height, role: 'img', 'aria-label': `${title}: ${words.join(', ')}` },
    paths,
    names
  )
}

function short(name: string, width: number): string {
  const most = Math.max(3, Math.floor(width / 8))
  return name.length > most ? `${name.slice(0, most - 1)}…` : name
}
