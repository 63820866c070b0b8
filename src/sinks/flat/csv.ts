import type { Column, Item, Row } from './listed.ts'

/** A line of CSV (RFC 4180), without its line break. */
export function csvLine(items: Row | readonly string[]): string {
  return items.map(field).join(',')
}

export function csvHeader(columns: readonly Column[]): string {
  return csvLine(columns.map(({ name }) => name))
}

/**
 * A field. A text that a spreadsheet would take for a formula gets a leading apostrophe, so that it is taken as text. Names may
 * come from strangers.
 */
function field(item: Item): string {
  if (item === null) return ''
  if (typeof item === 'number') return String(item)
  const text = /^[=+\-@\t\r]/.test(item) ? `'${item}` : item
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
