import type { Figure } from '../../spec/figures.ts'

/** Most items of a list, at each level, and characters of a text. */
const mostItems = 32
const mostCharacters = 500

/**
 * A figure's value as an answer has it: what is not finite is null, and lists are cut to their first 32 items, a series over
 * steps to its last.
 *
 * @param tellCut is told how many items a list that was cut has
 */
export function boundedValue(
  { kind }: Figure,
  value: unknown,
  tellCut: (items: number) => void
): unknown {
  const cut = (item: unknown): unknown => {
    if (typeof item === 'number') return Number.isFinite(item) ? item + 0 : null
    if (typeof item === 'string') return item.slice(0, mostCharacters)
    if (Array.isArray(item)) {
      if (item.length > mostItems) tellCut(item.length)
      const kept = kind === 'steps' ? item.slice(-mostItems) : item.slice(0, mostItems)
      return kept.map(cut)
    }
    if (typeof item !== 'object' || item === null) return item
    return Object.fromEntries(Object.entries(item).map(([key, own]) => [key, cut(own)]))
  }
  return cut(value)
}
