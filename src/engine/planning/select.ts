import { ThalwegError } from '../../error.ts'
import { quoted } from '../../plain.ts'
import { globToRegExp } from '../../spec/glob.ts'
import { nearest } from '../../spec/nearest.ts'

interface Named {
  readonly name: string
  readonly trainable?: boolean
}

export interface Globs {
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
}

/** A pattern that matched nothing: worth a warning with the name nearest to it. */
export interface Unmatched {
  readonly pattern: string
  readonly near: string | undefined
}

export interface Selection {
  /** Indices into the given tensors, ascending. */
  readonly indices: readonly number[]
  readonly unmatched: readonly Unmatched[]
}

/**
 * Indices of the tensors that a selection names; without `include` those that are trainable.
 *
 * @throws E_SELECT when nothing is left
 */
export function selectTensors(tensors: readonly Named[], globs: Globs, path: string): Selection {
  const unmatched: Unmatched[] = []
  const names = tensors.map((tensor) => tensor.name)
  const matching = (patterns: readonly string[]): Set<number> => {
    const matched = new Set<number>()
    for (const pattern of patterns) {
      const expression = globToRegExp(pattern)
      let any = false
      names.forEach((name, i) => {
        if (!expression.test(name)) return
        matched.add(i)
        any = true
      })
      if (!any) unmatched.push({ pattern, near: nearest(pattern, names) })
    }
    return matched
  }
  const included = globs.include && matching(globs.include)
  const excluded = matching(globs.exclude ?? [])
  const indices = tensors.flatMap((tensor, i) =>
    (included ? included.has(i) : tensor.trainable !== false) && !excluded.has(i) ? [i] : []
  )
  if (indices.length === 0) {
    const known = `${names.slice(0, 4).join(', ')}${names.length > 4 ? ', ...' : ''}`
    const blind = unmatched.map((pattern) => `${unmatchedMessage(pattern)}. `).join('')
    throw new ThalwegError(
      'E_SELECT',
      `${path}: no tensor is left of ${names.length} (${known}). ${blind}Widen "include" or narrow "exclude".`,
      { path }
    )
  }
  return { indices, unmatched }
}

export function unmatchedMessage({ pattern, near }: Unmatched): string {
  return `${quoted(pattern)} matches no tensor${near === undefined ? '' : `; the nearest name is ${quoted(near)}`}`
}
