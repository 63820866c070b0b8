/** The place of a value in an object: keys and indices from the outside in. */
export type Path = readonly (string | number)[]

/** Writes a path as `stages[0].rank`. Keys that are not plain words are written as `["..."]`. */
export function formatPath(path: Path): string {
  return path
    .map((part, i) => {
      if (typeof part === 'number') return `[${part}]`
      if (!/^[$\w-]+$/.test(part)) return `[${JSON.stringify(part)}]`
      return i === 0 ? part : `.${part}`
    })
    .join('')
}

const part = /\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|(?:^|\.)([^.[\]]+)/y

/** Parses a path as `formatPath` writes it; undefined if the text is not a path. */
export function parsePath(text: string): Path | undefined {
  const path: (string | number)[] = []
  part.lastIndex = 0
  for (let end = 0; end < text.length; end = part.lastIndex) {
    const match = part.exec(text)
    if (match === null) return undefined
    const [, index, quoted, key] = match
    if (index !== undefined) path.push(Number(index))
    else path.push(key ?? (JSON.parse(`"${quoted}"`) as string))
  }
  return path.length > 0 ? path : undefined
}
