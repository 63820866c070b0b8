import { plain } from '../plain.ts'

/** Escapes a text so that Markdown shows it literally: it cannot be markup, HTML, a link, or the end of a table cell. */
export function markdownText(text: string): string {
  return plain(text)
    .replace(/[\\`*_[\]|~>@]/g, '\\$&')
    .replace(/^([#=]|[-+](?!\d))/, '\\$1')
    .replace(/^(\d+)([.)])(?=\s)/, '$1\\$2')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/www\./gi, (start) => `${start.slice(0, -1)}\\.`)
}

/** A table whose cells are plain texts. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`
  const [header = [], ...rest] = rows
  return [line(header), `|${' --- |'.repeat(header.length)}`, ...rest.map(line)].join('\n')
}
