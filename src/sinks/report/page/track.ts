import type { Figure } from '../../../spec/figures.ts'
import { isKnown, list, tickOf } from '../model/numbers.ts'
import type { Line } from '../model/series.ts'
import type { Subject } from '../model/subject.ts'
import { chart, type Draw } from './charts.ts'
import { s } from './dom.ts'
import { middles } from './lines.ts'

/** Draws a figure's value, its null with the scatter, and its interval on one horizontal line. */
export function track(
  id: string,
  { told: { figures }, scope: { values } }: Subject,
  figure: Figure,
  value: unknown,
  ownInterval?: unknown
) {
  const none = figure.null === undefined ? undefined : values[figure.null]
  const scatter = figure.scatter === undefined ? undefined : values[figure.scatter]
  const [low, high] = list(
    ownInterval ?? (figure.interval === undefined ? undefined : values[figure.interval])
  )
  const known = [value, none, low, high].filter(isKnown)
  const isShare = figure.kind === 'share' || figures[figure.null ?? '']?.kind === 'share'
  const kind = isShare ? 'share' : figure.kind
  const [from, to] = isShare ? [0, 1] : endsOf(known)
  const draw: Draw = (host, width) => {
    const [left, right] = [2, width - 2]
    const x = (at: number) => left + ((at - from) / (to - from)) * (right - left)
    const bar = (name: string, a: number, b: number, height: number) =>
      s('rect', {
        class: name,
        x: x(a),
        y: 10 - height / 2,
        width: Math.max(1, x(b) - x(a)),
        height,
      })
    const marks: SVGElement[] = [s('line', { class: 'rule', x1: left, x2: right, y1: 10, y2: 10 })]
    if (from < 0 && to > 0)
      marks.push(s('line', { class: 'zero', x1: x(0), x2: x(0), y1: 3, y2: 17 }))
    if (isKnown(low) && isKnown(high)) marks.push(bar('ours-fill', low, high, 8))
    if (isKnown(none)) {
      if (isKnown(scatter)) marks.push(bar('null-fill', none - scatter, none + scatter, 10))
      marks.push(s('line', { class: 'null', x1: x(none), x2: x(none), y1: 3, y2: 17 }))
    }
    if (isKnown(value)) marks.push(s('circle', { class: 'ours', cx: x(value), cy: 10, r: 4 }))
    const ends = [
      s('text', { class: 'small', x: left, y: 30 }, tickOf(kind, from)),
      s('text', { class: 'small', x: right, y: 30, 'text-anchor': 'end' }, tickOf(kind, to)),
    ]
    host.replaceChildren(
      s('svg', { width, height: 34, 'aria-hidden': 'true' }, marks, known.length > 0 && ends)
    )
  }
  return chart(id, draw, { class: 'chart track' })
}

/** Round ends that include all values. If there are negative values, 0 is in the middle. */
function endsOf(values: readonly number[]): [number, number] {
  const most = Math.max(...values.map(Math.abs), 0)
  if (most === 0) return [0, 1]
  const power = 10 ** Math.floor(Math.log10(most))
  const end =
    [1, 1.5, 2, 3, 5, 7.5, 10].find((factor) => factor * power >= most * 1.02)! * power || most
  return [values.some((value) => value < 0) ? -end : 0, end]
}

/** A line without axes. */
export function sparkline(
  id: string,
  lines: readonly { readonly line: Line | undefined; readonly name: string }[]
) {
  const draw: Draw = (host, width) => {
    const all = lines.flatMap(({ line, name }) =>
      line ? [{ values: middles(line.low, line.high), name }] : []
    )
    const known = all.flatMap(({ values }) => values).filter(isKnown)
    const [low, high] = [Math.min(...known), Math.max(...known)]
    const height = 28
    const y = (value: number) => height - 3 - ((value - low) / (high - low || 1)) * (height - 6)
    const paths = all.map(({ values, name }) => {
      const x = (i: number) => 2 + (i / Math.max(1, values.length - 1)) * (width - 4)
      let pen = 'M'
      const d = values.map((value, i) => {
        if (value === null) {
          pen = 'M'
          return ''
        }
        const piece = `${pen}${x(i).toFixed(1)} ${y(value).toFixed(1)}`
        pen = 'L'
        return piece
      })
      return s('path', { class: `spark ${name}`, d: d.join('') || 'M0 0' })
    })
    host.replaceChildren(s('svg', { width, height, 'aria-hidden': 'true' }, paths))
  }
  return chart(id, draw, { class: 'chart sparkline' })
}
