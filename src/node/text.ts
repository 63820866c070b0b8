import { cutBefore, fitted, widthOf } from './view/width.ts'

/**
 * Lays out rows of cells: the first column left-aligned, the others right-aligned, two spaces apart and indented by two.
 *
 * @param width columns that do not fit into it follow below, with the first column repeated. A name that takes more than half
 *   of it is shortened to its end, which distinguishes layers
 */
export function columns(
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY
): string {
  const widths: number[] = []
  const named = rows.map(([name = '', ...cells]) => [cutBefore(name, width / 2), ...cells])
  for (const row of named) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, widthOf(cell))
    })
  }
  return partsOf(widths, width)
    .flatMap((part) =>
      named.map(([first = '', ...others]) => {
        const cells = part.flatMap((i) => {
          const cell = others[i - 1]
          return cell === undefined ? [] : [fitted(cell, widths[i]!, 'right')]
        })
        return `  ${[fitted(first, widths[0]!), ...cells].join('  ')}`.trimEnd()
      })
    )
    .join('\n')
}

/** Divides the columns after the first into parts that fit beside it. */
function partsOf([first = 0, ...others]: readonly number[], width: number): number[][] {
  const parts: number[][] = [[]]
  let used = 2 + first
  others.forEach((own, i) => {
    const last = parts.at(-1)!
    if (last.length > 0 && used + 2 + own > width) {
      parts.push([i + 1])
      used = 2 + first
    } else last.push(i + 1)
    used += 2 + own
  })
  return parts
}

/** Breaks a text into lines of at most `width` characters, between words. */
export function wrap(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!
    if (last === '') lines[lines.length - 1] = word
    else if (last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** Lays out names and their meanings. The second column is wrapped to what remains of 90 characters. */
export function glossary(rows: readonly (readonly [name: string, meaning: string])[]): string {
  const left = Math.min(30, Math.max(...rows.map(([name]) => name.length)) + 2)
  const indent = (line: string, label = '') => `  ${label.padEnd(left)}${line}`
  return rows
    .flatMap(([name, meaning]) => {
      const lines = wrap(meaning, 88 - left)
      if (name.length > left - 2) return [`  ${name}`, ...lines.map((line) => indent(line))]
      return lines.map((line, i) => indent(line, i === 0 ? name : ''))
    })
    .join('\n')
}
