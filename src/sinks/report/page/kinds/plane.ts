import type { StepsFigure } from '../../../../spec/figures.ts'
import { isKnown, told } from '../../model/numbers.ts'
import type { Known } from '../../model/series.ts'
import { computedBy, type Subject } from '../../model/subject.ts'
import { box } from '../box.ts'
import { chart } from '../charts.ts'
import { s } from '../dom.ts'
import { roundTicks } from './frame.ts'
import { onPlane } from './on-plane.ts'

interface Point {
  readonly step: number
  readonly x: number
  readonly y: number
}

const height = 300
/** Steps closer than this to an end of the path are not labelled, in px. */
const apart = 32
/** Number of pieces of the path. Later pieces are darker. */
const shades = 12

/** The first two lines of a figure over steps, as a path in their plane. Both axes have the same scale. */
export function planeChart(
  subject: Subject,
  name: string,
  figure: StepsFigure
): HTMLElement | undefined {
  const points = pointsOf(subject.scope.values[name])
  if (points.length < 2) return undefined
  const id = `${subject.id}-${name}-plane`
  const title = figure.unit ? `${figure.title} (${figure.unit})` : figure.title
  const [first, last] = [points[0]!, points.at(-1)!]
  const line = figure.lines ?? 'line'
  const label = `${figure.title}: from ${placeOf(first)} to ${placeOf(last)}`
  return box({
    id,
    title: `${title}, in the plane of the first two`,
    caption: `Right: ${line} 1. Up: ${line} 2, on the same scale. Paler is earlier. No null.`,
    span: 6,
    chart: chart(id, (host, width) =>
      host.replaceChildren(
        s('svg', { width, height, role: 'img', 'aria-label': label }, marksOf(points, width))
      )
    ),
    shows: figure.means,
    computed: computedBy(subject),
    misleads: figure.misleads,
    table: () => ({
      columns: ['step', `${line} 1`, `${line} 2`],
      rows: points.map(({ step, x, y }) => [step, x, y]),
    }),
  })
}

function pointsOf(value: unknown): Point[] {
  const { steps = [], values = [] } = (value ?? {}) as { steps?: number[]; values?: Known[][] }
  return steps.flatMap((step, i) => {
    const [x, y] = [values[0]?.[i], values[1]?.[i]]
    return isKnown(x) && isKnown(y) ? [{ step, x, y }] : []
  })
}

function placeOf({ step, x, y }: Point): string {
  return `${told(x)}, ${told(y)} at step ${step}`
}

function marksOf(points: readonly Point[], width: number): readonly SVGElement[][] {
  const { x, y, sides, rules } = onPlane(points, {
    width,
    height,
    margin: [Math.min(140, 0.4 * width), 20],
  })
  const dot = (point: Point, name: string, r: number) =>
    s('circle', { class: name, cx: x(point.x), cy: y(point.y), r })
  const named = (point: Point, text: string) => {
    const isRight = x(point.x) > (sides.left + sides.right) / 2
    const at = { x: x(point.x) + (isRight ? 8 : -8), y: y(point.y) + 4 }
    return s('text', { ...at, 'text-anchor': isRight ? 'start' : 'end' }, text)
  }
  const isApart = (a: Point, b: Point) => Math.hypot(x(a.x) - x(b.x), y(a.y) - y(b.y)) > apart
  const [first, last] = [points[0]!, points.at(-1)!]
  return [
    rules,
    piecesOf(points).map((piece, i) =>
      s('path', {
        class: 'spark ours',
        'stroke-opacity': (0.25 + (0.75 * (i + 1)) / shades).toFixed(2),
        d: `M${piece.map((point) => `${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join('L')}`,
      })
    ),
    atRoundSteps(points)
      .filter((point) => [first, last].every((end) => isApart(point, end)))
      .flatMap((point) => [dot(point, 'ours', 2.5), named(point, `${point.step}`)]),
    [dot(first, 'ring', 4), named(first, `step ${first.step}`)],
    [dot(last, 'ours', 4), named(last, `step ${last.step}`)],
  ]
}

/** Points near round steps, not close to either end. */
function atRoundSteps(points: readonly Point[]): Point[] {
  const [from, to] = [points[0]!.step, points.at(-1)!.step]
  const margin = (to - from) / 10
  return roundTicks(from, to, 4).flatMap((tick) => {
    if (tick < from + margin || tick > to - margin) return []
    return points.find(({ step }) => step >= tick) ?? []
  })
}

/** Cuts the path into pieces of equally many points. Each begins where the previous one ends. */
function piecesOf(points: readonly Point[]): Point[][] {
  const ends = Array.from({ length: shades + 1 }, (_, i) =>
    Math.round((i * (points.length - 1)) / shades)
  )
  return ends.slice(1).map((end, i) => points.slice(ends[i]!, end + 1))
}
