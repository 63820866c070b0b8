import type { Cell, Figure, Interval, Weight } from '../../spec/figures.ts'
import { amount, grouped } from '../../stage/words.ts'

/** Shown if there is no value. */
export const none = '–'

/** Formats a value whose kind fits into one cell. */
export function cell(figure: Cell | Figure, value: unknown, digits = 4): string {
  switch (figure.kind) {
    case 'scalar':
    case 'rank':
      return show(value, digits)
    case 'share':
      return percent(value)
    case 'count':
      return isNumber(value) ? grouped(value) : none
    case 'interval':
      return span(value as Interval | null)
    case 'weight': {
      const { tensor, index } = (value ?? {}) as Partial<Weight>
      return tensor === undefined ? none : `${tensor}[${index}]`
    }
    default:
      return typeof value === 'string' ? value : none
  }
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function show(value: unknown, digits = 4): string {
  return isNumber(value) ? amount(value, digits) : none
}

export function percent(value: unknown): string {
  return isNumber(value) ? `${(100 * value).toFixed(1)} %` : none
}

export function span(value: Interval | null | undefined): string {
  const [from, to] = list(value)
  return from === undefined ? none : `${show(from, 3)} to ${show(to, 3)}`
}
