import type { Fields } from '../spec/fields.ts'
import { nearest } from '../spec/nearest.ts'
import { isObject } from '../spec/parse.ts'
import type { Path } from '../spec/path.ts'
import { type Problem, problem } from '../spec/problem.ts'

interface Definition {
  readonly type: string
  readonly options: Fields
}

/** A component that a pipeline names, its options as written, and its place in the pipeline. */
export interface Found<D> {
  readonly definition: D
  readonly options: { readonly [name: string]: unknown }
  readonly path: Path
}

/** The components that a list such as `"stages": [{ "type": "svd" }]` names. */
export function findComponents<D extends Definition>(
  input: unknown,
  path: Path,
  known: readonly { readonly definition: D }[],
  problems: Problem[]
): Found<D>[] {
  if (input === undefined) return []
  if (!Array.isArray(input)) {
    problems.push(problem(path, `is not a list. Write [{ "type": ... }].`))
    return []
  }
  return input.flatMap((item, i) => findComponent(item, [...path, i], known, problems) ?? [])
}

/** The component that `{ "type": ... }` names. */
export function findComponent<D extends Definition>(
  input: unknown,
  path: Path,
  known: readonly { readonly definition: D }[],
  problems: Problem[]
): Found<D> | undefined {
  if (input === undefined) return undefined
  const types = known.map(({ definition }) => definition.type)
  const choices = `Known: ${types.map((type) => `"${type}"`).join(', ')}.`
  if (!isObject(input) || input.type === undefined) {
    problems.push(problem(path, `is not an object with a "type". ${choices}`))
    return undefined
  }
  const { type, ...options } = input
  const definition = known.find(({ definition }) => definition.type === type)?.definition
  if (definition === undefined) {
    const near = typeof type === 'string' ? nearest(type, types) : undefined
    const hint = near === undefined ? choices : `Did you mean "${near}"?`
    problems.push(problem([...path, 'type'], `unknown type ${JSON.stringify(type)}. ${hint}`))
    return undefined
  }
  return { definition, options, path }
}

/** Says which components have an option, when its key stands outside of them. */
export function ownersOf(key: string, known: readonly { readonly definition: Definition }[]) {
  const owners = known.filter(({ definition }) => Object.hasOwn(definition.options, key))
  return owners.map(({ definition }) => `"${definition.type}"`).join(', ')
}
