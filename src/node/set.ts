import { ThalwegError } from '../error.ts'
import { isObject } from '../spec/parse.ts'
import { formatPath, type Path, parsePath } from '../spec/path.ts'

/** A value in a pipeline that the command line sets. */
export interface Setting {
  readonly path: Path
  readonly value: unknown
}

/**
 * Parses `stages.svd.rank=8`. The value is JSON; if it is not valid JSON, it is a string.
 *
 * @throws E_USAGE if the text is not `path=value`
 *
 * @example
 * ```ts
 * parseSetting('stages.svd.rank=8') // { path: ['stages', 'svd', 'rank'], value: 8 }
 * ```
 */
export function parseSetting(text: string): Setting {
  const at = text.indexOf('=')
  const path = at < 0 ? undefined : parsePath(text.slice(0, at))
  if (path === undefined) {
    throw usage(`"${text}" is not path=value, as in stages[0].rank=8.`)
  }
  return { path, value: jsonOr(text.slice(at + 1)) }
}

/**
 * Sets a value in a copy of a pipeline's JSON. Missing objects on the path are created. An item of a list is identified by its
 * index, its id or its type.
 *
 * @returns the copy, and the path with indices instead of names
 */
export function applySetting(input: unknown, setting: Setting): { input: unknown; path: Path } {
  const path: (string | number)[] = []
  const set = (here: unknown, depth: number): unknown => {
    if (depth === setting.path.length) return setting.value
    const part = setting.path[depth]!
    if (Array.isArray(here)) {
      const index = indexOf(here, part, setting)
      path.push(index)
      return Object.assign([...here], { [index]: set(here[index], depth + 1) })
    }
    if (typeof part === 'number' || !(here === undefined || isObject(here))) {
      const where = formatPath(path) || 'the pipeline'
      throw usage(`${formatPath(setting.path)}: ${where} has no "${part}".`)
    }
    path.push(part)
    return { ...here, [part]: set(here?.[part], depth + 1) }
  }
  return { input: set(input, 0), path }
}

function indexOf(items: readonly unknown[], part: string | number, { path }: Setting): number {
  const names = items.map((item) => (isObject(item) ? (item.id ?? item.type) : undefined))
  const index = typeof part === 'number' ? part : names.indexOf(part)
  if (index >= 0 && index <= items.length) return index
  throw usage(
    `${formatPath(path)}: nothing in the list is "${part}". There are: ${names.join(', ')}.`
  )
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function usage(message: string): ThalwegError {
  return new ThalwegError('E_USAGE', `--set ${message}`)
}
