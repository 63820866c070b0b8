/**
 * Text of strangers (names of runs, tensors and metrics, kinds, words on stdout) may hold what steers a terminal or turns
 * the reading order round: control characters, bidirectional ones, separators of lines. Wherever such text goes out,
 * as JSON or to people, these are written as JSON writes them, `\u001b`.
 */
const steering = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu

/** A text without control and bidirectional characters. JSON stays the same JSON, and gets no second escape. */
export function plain(text: string): string {
  return text.replace(
    steering,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}

/** A stranger's name within a sentence. */
export function quoted(name: string): string {
  return plain(JSON.stringify(name))
}

/** A value whose texts, keys included, are all plain. */
export function plainValue<T>(value: T): T {
  if (typeof value === 'string') return plain(value) as T
  if (Array.isArray(value)) return value.map(plainValue) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [plain(key), plainValue(item)])
  ) as T
}
