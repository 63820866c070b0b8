/** The number of columns of a character on a terminal: none for combining marks, two for wide East Asian characters and emoji. */
const combining = /\p{Mn}|\p{Me}|\p{Cf}/u
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u

export function widthOf(text: string): number {
  let width = 0
  for (const character of text)
    width += combining.test(character) ? 0 : wide.test(character) ? 2 : 1
  return width
}

/** A text in exactly this many columns, cut with an ellipsis or padded. */
export function fitted(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const own = cut(text, columns)
  const fill = ' '.repeat(Math.max(0, columns - widthOf(own)))
  return side === 'left' ? own + fill : fill + own
}

/** A text in at most this many columns. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let kept = ''
  for (const character of text) {
    if (widthOf(kept + character) > columns - 1) break
    kept += character
  }
  return columns > 0 ? `${kept}…` : ''
}

/** The end of a text in at most this many columns. */
export function cutBefore(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let kept = ''
  for (const character of [...text].reverse()) {
    if (widthOf(character + kept) > columns - 1) break
    kept = character + kept
  }
  return `…${kept}`
}
