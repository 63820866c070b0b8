import { told } from '../../model/numbers.ts'
import { s } from '../dom.ts'
import { roundTicks } from './frame.ts'

interface Ends {
  readonly from: number
  readonly to: number
}

/**
 * Maps points to a plane with the same unit on both axes, and gives its rules.
 *
 * @param margin pixels to leave free: left and right together, and above and below together
 */
export function onPlane(
  points: readonly { readonly x: number; readonly y: number }[],
  of: {
    readonly width: number
    readonly height: number
    readonly margin: readonly [across: number, up: number]
  }
) {
  const sides = { left: 64, right: of.width - 16, top: 14, bottom: of.height - 26 }
  const [wide, high] = [sides.right - sides.left, sides.bottom - sides.top]
  const [xs, ys] = [endsOf(points.map(({ x }) => x)), endsOf(points.map(({ y }) => y))]
  const unit =
    Math.max(
      (xs.to - xs.from) / (wide - of.margin[0]),
      (ys.to - ys.from) / (high - of.margin[1])
    ) || 1
  const reach = (ends: Ends, length: number): [number, number] => [
    (ends.from + ends.to - length * unit) / 2,
    (ends.from + ends.to + length * unit) / 2,
  ]
  const [across, up] = [reach(xs, wide), reach(ys, high)]
  const x = (value: number): number => sides.left + (value - across[0]) / unit
  const y = (value: number): number => sides.bottom - (value - up[0]) / unit
  const rules = [
    ...roundTicks(...up, 4).flatMap((tick) => [
      s('line', { class: 'rule', x1: sides.left, x2: sides.right, y1: y(tick), y2: y(tick) }),
      s('text', { x: sides.left - 6, y: y(tick) + 4, 'text-anchor': 'end' }, told(tick)),
    ]),
    ...roundTicks(...across, 5).flatMap((tick) => [
      s('line', { class: 'rule', x1: x(tick), x2: x(tick), y1: sides.top, y2: sides.bottom }),
      s('text', { x: x(tick), y: of.height - 6, 'text-anchor': 'middle' }, told(tick)),
    ]),
  ]
  return { x, y, sides, rules }
}

function endsOf(values: readonly number[]): Ends {
  return { from: Math.min(...values), to: Math.max(...values) }
}
