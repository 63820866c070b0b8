import { told } from '../../model/numbers.ts'
import { plotLeft } from '../charts.ts'
import { s } from '../dom.ts'

export interface Frame {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  x(value: number): number
  y(value: number): number
  /** The whole chart: grid, axes and marks. */
  svg(
    label: string,
    marks: readonly SVGElement[],
    format: (value: number) => string,
    under: string,
    xTicks?: readonly number[]
  ): SVGSVGElement
}

/**
 * Linear axes for marks that are not lines over steps.
 *
 * @param y values that the axis must include
 * @param zero whether the axis must include 0 too
 */
export function frameOf(of: {
  readonly width: number
  readonly height: number
  readonly x: readonly [number, number]
  readonly y: readonly number[]
  readonly zero?: boolean
}): Frame {
  const { width, height } = of
  const [left, right, top, bottom] = [plotLeft, width - 16, 8, height - 26]
  const least = of.y.reduce((a, b) => Math.min(a, b), of.zero ? 0 : Number.POSITIVE_INFINITY)
  const most = of.y.reduce((a, b) => Math.max(a, b), of.zero ? 0 : Number.NEGATIVE_INFINITY)
  const ticks = roundTicks(least, most === least ? least + 1 : most, 4)
  const [low, high] = [Math.min(least, ticks[0]!), Math.max(most, ticks.at(-1)!)]
  const x = (value: number) => left + ((value - of.x[0]) / (of.x[1] - of.x[0])) * (right - left)
  const y = (value: number) => bottom - ((value - low) / (high - low || 1)) * (bottom - top)
  return {
    left,
    right,
    top,
    bottom,
    x,
    y,
    svg: (label, marks, format, under, xTicks) =>
      s(
        'svg',
        { width, height, role: 'img', 'aria-label': label },
        ticks.map((tick) => [
          s('line', { class: 'rule', x1: left, x2: right, y1: y(tick), y2: y(tick) }),
          s('text', { x: left - 6, y: y(tick) + 4, 'text-anchor': 'end' }, format(tick)),
        ]),
        marks,
        (xTicks ?? roundTicks(of.x[0], of.x[1], Math.max(2, Math.floor(width / 90)))).map(
          (tick, i, all) =>
            s(
              'text',
              { x: x(tick), y: height - 8, 'text-anchor': i === all.length - 1 ? 'end' : 'middle' },
              i === all.length - 1 ? `${under} ${told(tick)}` : told(tick)
            )
        )
      ),
  }
}

/** About `count` round numbers between two ends. */
export function roundTicks(from: number, to: number, count: number): number[] {
  const raw = (to - from) / count
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 5, 10].find((factor) => factor * power >= raw)! * power
  const ticks: number[] = []
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * step; i++) {
    ticks.push(Number((i * step).toPrecision(12)))
  }
  return ticks.length > 0 ? ticks : [from, to]
}
