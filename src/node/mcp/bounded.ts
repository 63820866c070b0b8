import type { Figure } from '../../spec/figures.ts'

/** Maximum number of items in a list at each level, and of characters in a text. */
const mostItems = 32
const mostCharacters = 500

/**
 * A figure's value in an answer. Non-finite numbers become null, and lists are cut to their first 32 items, series over steps to
 * their last 32.
 *
 * @param tellCut called with the original length of a list that was cut
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
