/** A table in Markdown; the first row is its head. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map(String))
  const widths = texts[0]!.map((_, j) => Math.max(...texts.map((row) => row[j]!.length), 3))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, j) => cell.padEnd(widths[j]!)).join(' | ')} |`
  const rule = line(widths.map((width) => '-'.repeat(width)))
  const [head, ...body] = texts
  return `${[line(head!), rule, ...body.map(line)].join('\n')}\n`
}
