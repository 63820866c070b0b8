import type { Histogram, HistogramFigure } from '../../../../spec/figures.ts'
import { told } from '../../model/numbers.ts'
import { computedBy, type Subject } from '../../model/subject.ts'
import { box } from '../box.ts'
import { chart } from '../charts.ts'
import { s } from '../dom.ts'
import { frameOf, roundTicks } from './frame.ts'

/** Counts between edges. The axis is logarithmic if the edges are positive and grow. */
export function histogramChart(
  subject: Subject,
  name: string,
  figure: HistogramFigure
): HTMLElement | undefined {
  const value = subject.scope.values[name] as Histogram | null
  if (!value || value.counts.length === 0) return undefined
  const { edges, counts } = value
  const isLog = edges[0]! > 0 && edges.at(-1)! > 30 * edges[0]!
  const place = (edge: number): number => (isLog ? Math.log10(edge) : edge)
  const id = `${subject.id}-${name}`
  const total = counts.reduce((sum, count) => sum + count, 0)
  const unit = figure.unit ?? ''
  return box({
    id,
    title: figure.title,
    caption: `${told(total)} in all${isLog ? '; logarithmic axis' : ''}. No null.`,
    span: 6,
    chart: chart(id, (host, width) => {
      const x = [place(edges[0]!), place(edges.at(-1)!)] as const
      const frame = frameOf({ width, height: 180, x, y: counts, zero: true })
      const bars = counts.map((count, i) => {
        const [from, to] = [frame.x(place(edges[i]!)), frame.x(place(edges[i + 1]!))]
        const top = frame.y(count)
        return s('rect', {
          class: 'ours-bar',
          x: from + 0.5,
          y: top,
          width: Math.max(1, to - from - 1),
          height: frame.bottom - top,
        })
      })
      const label = `${figure.title}: ${counts.length} bars from ${told(edges[0])} to ${told(edges.at(-1))} ${unit}`
      host.replaceChildren(
        isLog
          ? logFrame(frame, x, label, bars, unit)
          : frame.svg(label, bars, (count) => told(count), unit)
      )
    }),
    shows: figure.means,
    computed: computedBy(subject),
    misleads: figure.misleads,
    table: () => ({
      columns: [`from ${unit}`.trim(), `to ${unit}`.trim(), 'count'],
      rows: counts.map((count, i) => [edges[i], edges[i + 1], count]),
    }),
  })
}

function logFrame(
  frame: ReturnType<typeof frameOf>,
  [from, to]: readonly [number, number],
  label: string,
  bars: readonly SVGElement[],
  unit: string
): SVGSVGElement {
  const powers = roundTicks(from, to, 4).filter(Number.isInteger)
  const svg = frame.svg(label, bars, (count) => told(count), '', [])
  powers.forEach((power, i) => {
    const text = i === powers.length - 1 ? `${unit} 10^${power}`.trim() : `10^${power}`
    svg.append(
      s(
        'text',
        { x: frame.x(power), y: frame.bottom + 18, 'text-anchor': 'middle' },
        text.replace('-', '−')
      )
    )
  })
  return svg
}
