/** Lays out rows of cells, the first column to the left, the others to the right, two spaces apart and indented by two. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length)
    })
  }
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
  return rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n')
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

/** Lays out names and what they mean, the second column wrapped to what is left of 90 characters. */
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
