/**
 * Text from outside (names of runs, tensors and metrics, kinds, words on stdout) may contain characters that control a terminal or
 * reverse the reading order: control characters, bidirectional characters, line separators. Wherever such text is output, as JSON
 * or to people, these characters are written as in JSON, `\u001b`.
 */
const steering = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu

/** A text with its control and bidirectional characters escaped. JSON remains the same JSON, and nothing is escaped twice. */
export function plain(text: string): string {
  return text.replace(
    steering,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}

/** A name from outside, quoted for use in a sentence. */
export function quoted(name: string): string {
  return plain(JSON.stringify(name))
}

/** A value in which all texts, including keys, are plain. */
export function plainValue<T>(value: T): T {
  if (typeof value === 'string') return plain(value) as T
  if (Array.isArray(value)) return value.map(plainValue) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [plain(key), plainValue(item)])
  ) as T
}
