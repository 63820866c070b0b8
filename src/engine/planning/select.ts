import { ThalwegError } from '../../error.ts'
import { quoted } from '../../plain.ts'
import { globToRegExp, isLiteral } from '../../spec/glob.ts'
import { nearest } from '../../spec/nearest.ts'

interface Named {
  readonly name: string
  readonly trainable?: boolean
}

export interface Globs {
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
}

/** A pattern that matched nothing, and the most similar name. */
export interface Unmatched {
  readonly pattern: string
  readonly near: string | undefined
  /** False for an exclude pattern that resembles no name: then nothing is wrong. */
  readonly isOdd: boolean
}

export interface Selection {
  /** Indices into the given tensors, ascending. */
  readonly indices: readonly number[]
  readonly unmatched: readonly Unmatched[]
}

/**
 * Indices of the tensors that a selection names. Without `include`, all trainable tensors are taken.
 *
 * @throws E_SELECT when nothing is left
 */
export function selectTensors(tensors: readonly Named[], globs: Globs, path: string): Selection {
  const unmatched: Unmatched[] = []
  const names = globs.include || globs.exclude?.length ? tensors.map(({ name }) => name) : []
  const matching = (patterns: readonly string[], isIncluded: boolean): Set<number> => {
    const matched = new Set<number>()
    for (const pattern of patterns) {
      const expression = globToRegExp(pattern)
      let any = false
      names.forEach((name, i) => {
        if (!expression.test(name)) return
        matched.add(i)
        any = true
      })
      if (any) continue
      const near = nearestName(pattern, names)
      unmatched.push({ pattern, near, isOdd: isIncluded || near !== undefined })
    }
    return matched
  }
  const included = globs.include && matching(globs.include, true)
  const excluded = matching(globs.exclude ?? [], false)
  const indices: number[] = []
  tensors.forEach((tensor, i) => {
    const isIn = included ? included.has(i) : tensor.trainable !== false
    if (isIn && !excluded.has(i)) indices.push(i)
  })
  if (indices.length === 0) {
    const names = tensors.map(({ name }) => name)
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

/** At most this many pairs of characters are compared for a hint. A stream may bring tens of thousands of names, of any length. */
const mostCompared = 2 ** 21

/** The name most similar to a pattern, as a whole or in a literal segment: `**.biass` is similar to `dense.bias`. */
function nearestName(pattern: string, names: readonly string[]): string | undefined {
  let left = mostCompared
  const compared = names.filter((name) => {
    left -= name.length * pattern.length
    return left >= 0
  })
  const whole = nearest(pattern, compared)
  if (whole !== undefined) return whole
  const owners = new Map<string, string>()
  for (const name of compared) {
    for (const segment of name.split(/[./]/)) if (!owners.has(segment)) owners.set(segment, name)
  }
  for (const segment of pattern.split(/[./]/)) {
    const near = isLiteral(segment) && segment !== '' ? nearest(segment, owners.keys()) : undefined
    if (near !== undefined) return owners.get(near)
  }
  return undefined
}

export function unmatchedMessage({ pattern, near }: Pick<Unmatched, 'pattern' | 'near'>): string {
  return `${quoted(pattern)} matches no tensor${near === undefined ? '' : `; the nearest name is ${quoted(near)}`}`
}
