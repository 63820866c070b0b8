import type { Field, Fields, Options } from './fields.ts'
import { nearest } from './nearest.ts'
import { formatPath, type Path } from './path.ts'
import type { Problem } from './problem.ts'

export interface Parsed<T> {
  /** Complete even if there are problems: what is wrong is replaced by its default. */
  readonly value: T
  readonly problems: readonly Problem[]
}

/** Says in a sentence where an unknown key would be in its place, if anywhere. */
export type Elsewhere = (key: string) => string | undefined

/**
 * Reads options by their fields: fills in defaults, checks types and ranges, names unknown keys. Finds all problems in
 * one pass. Interpreted, since some runtimes forbid generated code.
 */
export function parseOptions<const F extends Fields>(
  fields: F,
  input: unknown,
  path: Path = [],
  elsewhere: Elsewhere = () => undefined
): Parsed<Options<F>> {
  const problems: Problem[] = []
  const value = parseObject(fields, input, path, elsewhere, problems) as Options<F>
  return { value, problems }
}

function parseObject(
  fields: Fields,
  input: unknown,
  path: Path,
  elsewhere: Elsewhere,
  problems: Problem[]
): { readonly [name: string]: unknown } {
  const given = isObject(input) ? input : {}
  if (input !== undefined && !isObject(input)) problems.push(wrong(path, input, 'an object'))
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(fields, key)) continue
    const hint = place(key, fields) ?? elsewhere(key) ?? alike(key, Object.keys(fields))
    const message = `unknown key "${key}". ${hint}`
    problems.push({ level: 'error', code: 'E_CONFIG', path: [...path, key], message, atKey: true })
  }
  const above: Elsewhere = (key) =>
    Object.hasOwn(fields, key)
      ? `It belongs one level up, ${path.length > 0 ? `in ${formatPath(path)}` : 'at the top'}.`
      : undefined
  const value: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) {
    const own = Object.hasOwn(given, name) ? given[name] : undefined
    const parsed = parseField(field, own, [...path, name], above, problems)
    if (parsed !== undefined) value[name] = parsed
  }
  return value
}

function parseField(
  field: Field,
  input: unknown,
  path: Path,
  above: Elsewhere,
  problems: Problem[]
): unknown {
  if (input === undefined) {
    if (field.required) {
      const message = `is missing. Give ${field.description}.`
      problems.push({ level: 'error', code: 'E_CONFIG', path, message })
    }
    if (field.default !== undefined) return field.default
    return field.kind === 'object'
      ? parseObject(field.fields, undefined, path, above, problems)
      : undefined
  }
  if (field.kind === 'object') return parseObject(field.fields, input, path, above, problems)
  if (field.kind === 'list' && Array.isArray(input)) {
    return input.map((item, i) => parseField(field.items, item, [...path, i], above, problems))
  }
  if (field.kind === 'record' && isObject(input)) {
    const parse = ([key, item]: [string, unknown]) =>
      [key, parseField(field.values, item, [...path, key], above, problems)] as const
    return Object.fromEntries(Object.entries(input).map(parse))
  }
  if (fits(field, input)) return input
  problems.push(wrong(path, input, expected(field), suggestion(field, input)))
  return field.default
}

function fits(field: Field, input: unknown): boolean {
  switch (field.kind) {
    case 'number':
    case 'integer':
      return (
        typeof input === 'number' &&
        (field.kind === 'integer' ? Number.isSafeInteger(input) : Number.isFinite(input)) &&
        input >= (field.min ?? -Infinity) &&
        input <= (field.max ?? Infinity)
      )
    case 'string':
      return (
        typeof input === 'string' &&
        (field.pattern === undefined || new RegExp(field.pattern).test(input))
      )
    case 'boolean':
      return typeof input === 'boolean'
    case 'choice':
      return field.choices.includes(input as string)
    default:
      return false
  }
}

/** What a field takes, in words: `an integer of at least 1`. */
export function expected(field: Field): string {
  switch (field.kind) {
    case 'number':
    case 'integer':
      return `${field.kind === 'integer' ? 'an integer' : 'a number'}${range(field.min, field.max)}`
    case 'string':
      return field.pattern === undefined ? 'a string' : `a string like ${field.pattern}`
    case 'boolean':
      return 'true or false'
    case 'choice':
      return field.choices.map((choice) => `"${choice}"`).join(' or ')
    case 'list':
      return 'a list'
    default:
      return 'an object'
  }
}

function range(min?: number, max?: number): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`
  if (min !== undefined) return ` of at least ${min}`
  return max !== undefined ? ` of at most ${max}` : ''
}

function suggestion(field: Field, input: unknown): string {
  const near =
    field.kind === 'choice' && typeof input === 'string' ? nearest(input, field.choices) : undefined
  return near === undefined ? '' : ` Did you mean "${near}"?`
}

function wrong(path: Path, input: unknown, expects: string, hint = ''): Problem {
  const message = `${inWords(input)} is not ${expects}.${hint}`
  return { level: 'error', code: 'E_CONFIG', path, message }
}

/** A value as an error names it: short, whatever it is. */
function inWords(input: unknown): string {
  if (Array.isArray(input)) return 'a list'
  if (isObject(input)) return 'an object'
  const text = typeof input === 'string' ? JSON.stringify(input) : String(input)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** The nested object among these fields that has the key. */
function place(key: string, fields: Fields): string | undefined {
  for (const [name, field] of Object.entries(fields)) {
    if (field.kind === 'object' && Object.hasOwn(field.fields, key)) {
      return `It belongs one level down, in "${name}".`
    }
  }
  return undefined
}

function alike(key: string, names: readonly string[]): string {
  const near = nearest(key, names)
  if (near !== undefined) return `Did you mean "${near}"?`
  return names.length > 0 ? `Known here: ${names.join(', ')}.` : 'None is known here.'
}

function isObject(input: unknown): input is { readonly [key: string]: unknown } {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}
