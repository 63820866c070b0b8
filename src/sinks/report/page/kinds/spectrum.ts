import type { SpectrumFigure } from '../../../../spec/figures.ts'
import { isKnown, told } from '../../model/numbers.ts'
import { computedBy, type Subject } from '../../model/subject.ts'
import { box } from '../box.ts'
import { chart } from '../charts.ts'
import { s } from '../dom.ts'

type Point = readonly [re: number, im: number]

const small = 130

/** Points in the complex plane: a small view of the unit circle, and next to it an enlarged view of the box around the points. */
export function spectrumChart(
  subject: Subject,
  name: string,
  figure: SpectrumFigure
): HTMLElement | undefined {
  const points = pointsOf(subject.scope.values[name])
  if (points.length === 0) return undefined
  const nulls = pointsOf(subject.scope.values[figure.null ?? ''])
  const id = `${subject.id}-${name}`
  const growing = points.filter(([re, im]) => Math.hypot(re, im) > 1).length
  const label = `${figure.title}: ${points.length} points, ${growing} outside of the unit circle`
  return box({
    id,
    title: figure.title.charAt(0).toUpperCase() + figure.title.slice(1),
    caption: `Left: the unit circle. Right: the box, enlarged and stretched. ${nulls.length > 0 ? 'Rings: the null.' : 'No null.'}`,
    span: 7,
    chart: chart(id, (host, width) => {
      const bounds = boundsOf([...points, ...nulls])
      const height = 220
      const wide = width - small - 24
      host.replaceChildren(
        s(
          'svg',
          { width, height, role: 'img', 'aria-label': label },
          overview(bounds, height),
          enlarged(points, nulls, bounds, { left: small + 24, wide, height })
        )
      )
    }),
    shows: figure.means,
    computed: computedBy(subject),
    misleads: figure.misleads,
    table: () => ({
      columns: ['real', 'imaginary', 'modulus'],
      rows: points.map(([re, im]) => [re, im, Math.hypot(re, im)]),
    }),
  })
}

function pointsOf(value: unknown): Point[] {
  return Array.isArray(value)
    ? value.filter((point) => isKnown(point?.[0]) && isKnown(point?.[1]))
    : []
}

interface Bounds {
  readonly re: readonly [number, number]
  readonly im: readonly [number, number]
}

function boundsOf(points: readonly Point[]): Bounds {
  const ends = (values: readonly number[]): [number, number] => {
    const [low, high] = [Math.min(...values), Math.max(...values)]
    const pad = 0.08 * (high - low) || 0.02
    return [low - pad, high + pad]
  }
  return { re: ends(points.map(([re]) => re)), im: ends(points.map(([, im]) => im)) }
}

function overview({ re, im }: Bounds, height: number): SVGElement[] {
  const reach = Math.max(1.15, ...[...re, ...im].map(Math.abs))
  const x = (value: number) => small / 2 + (value / reach) * (small / 2 - 4)
  const y = (value: number) => height / 2 - (value / reach) * (small / 2 - 4)
  return [
    s('circle', { class: 'outline', cx: x(0), cy: y(0), r: x(1) - x(0) }),
    s('line', { class: 'rule', x1: x(-reach), x2: x(reach), y1: y(0), y2: y(0) }),
    s('line', { class: 'rule', y1: y(-reach), y2: y(reach), x1: x(0), x2: x(0) }),
    s('rect', {
      class: 'window',
      x: x(re[0]),
      y: y(im[1]),
      width: Math.max(3, x(re[1]) - x(re[0])),
      height: Math.max(3, y(im[0]) - y(im[1])),
    }),
    s('text', { x: x(0), y: height / 2 + small / 2 + 18, 'text-anchor': 'middle' }, 'unit circle'),
  ]
}

function enlarged(
  points: readonly Point[],
  nulls: readonly Point[],
  { re, im }: Bounds,
  { left, wide, height }: { left: number; wide: number; height: number }
): SVGElement[] {
  const [top, bottom] = [8, height - 26]
  const x = (value: number) => left + ((value - re[0]) / (re[1] - re[0])) * wide
  const y = (value: number) => bottom - ((value - im[0]) / (im[1] - im[0])) * (bottom - top)
  const arc = Array.from({ length: 721 }, (_, i) => {
    const angle = (i * Math.PI) / 360
    return [Math.cos(angle), Math.sin(angle)] as const
  })
  const isInside = ([a, b]: Point) => a >= re[0] && a <= re[1] && b >= im[0] && b <= im[1]
  const pieces = arc.slice(1).flatMap((point, i) => {
    const before = arc[i]!
    if (!(isInside(point) && isInside(before))) return []
    return [`M${x(before[0])} ${y(before[1])}L${x(point[0])} ${y(point[1])}`]
  })
  return [
    s('rect', { class: 'box', x: left, y: top, width: wide - 1, height: bottom - top }),
    s('path', { class: 'outline', d: pieces.join('') || 'M0 0' }),
    ...nulls.map(([a, b]) => s('circle', { class: 'ring', cx: x(a), cy: y(b), r: 4 })),
    ...points.map(([a, b]) => s('circle', { class: 'ours', cx: x(a), cy: y(b), r: 3.5 })),
    s('text', { x: left, y: height - 8 }, told(re[0])),
    s('text', { x: left + wide, y: height - 8, 'text-anchor': 'end' }, told(re[1])),
    s('text', { x: left + 6, y: top + 14 }, `${told(im[1])} i`),
    s('text', { x: left + 6, y: bottom - 6 }, `${told(im[0])} i`),
  ]
}
