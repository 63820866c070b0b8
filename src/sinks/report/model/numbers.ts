import type { Cell, Figure, Weight } from '../../../spec/figures.ts'
import { amount, grouped, shareDigits } from '../../../stage/words.ts'

/** Shown if there is no value. */
export const none = '–'

/** Formats a number for people: with a true minus sign and narrow spaces between thousands. */
export function told(value: unknown, digits = 3): string {
  return isKnown(value) ? typeset(amount(value, digits)) : none
}

export function percent(value: unknown, digits = 1): string {
  return isKnown(value) ? typeset(`${(100 * value).toFixed(digits)}\u00a0%`) : none
}

export function isKnown(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

/**
 * Formats a round number at an axis, without trailing zeros, since precision does not matter there.
 *
 * @param most number of characters above which its power of ten is split off, if that is shorter
 */
export function tickOf(
  kind: Figure['kind'] | undefined,
  value: number,
  most = Number.POSITIVE_INFINITY
): string {
  const short = (number: number): string => {
    const round = Number(number.toPrecision(4))
    const text = String(round)
    const power = round.toExponential()
    return text.length > most && power.length < text.length ? power : text
  }
  return typeset(kind === 'share' ? `${short(100 * value)}\u00a0%` : short(value))
}

/** Formats a figure's number with as many digits as its scatter justifies. */
export function numberOf(figure: Figure | Cell, value: unknown, scatter?: unknown): string {
  if (figure.kind === 'share') {
    const digits = isKnown(scatter) && scatter > 0 ? shareDigits(scatter) : 1
    return percent(value, digits)
  }
  if (figure.kind === 'count') return isKnown(value) ? typeset(grouped(value)) : none
  return told(value)
}

/** `0.005 to 0.035`. */
export function rangeOf(figure: Figure | Cell, value: unknown): string {
  const [low, high] = Array.isArray(value) ? value : []
  if (!isKnown(low) && !isKnown(high)) return none
  return `${numberOf(figure, low)} to ${numberOf(figure, high)}`
}

/** Formats any cell of a table. */
export function cellText(figure: Figure | Cell, value: unknown): string {
  switch (figure.kind) {
    case 'interval':
      return rangeOf(figure, value)
    case 'weight': {
      const { tensor, index } = (value ?? {}) as Partial<Weight>
      return tensor === undefined ? none : `${tensor}[${index}]`
    }
    case 'text':
    case 'verdict':
      return typeof value === 'string' ? value : none
    default:
      return numberOf(figure, value)
  }
}

export function typeset(text: string): string {
  return text.replace(/^-|(?<=[\s(e])-/g, '−').replaceAll(',', '\u202f')
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
