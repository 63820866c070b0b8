import type { Field, Fields, Options } from './fields.ts'
import { isGlob } from './glob.ts'
import { nearest } from './nearest.ts'
import { formatPath, type Path } from './path.ts'
import { type Problem, problem } from './problem.ts'

export interface Parsed<T> {
  /** Complete even if there are problems: a faulty option has its default. */
  readonly value: T
  readonly problems: readonly Problem[]
}

/** Says in a sentence where an unknown key belongs, if it belongs anywhere. */
export type Elsewhere = (key: string) => string | undefined

/**
 * Parses options by their fields: fills in defaults, checks types and ranges, reports unknown keys. Finds all problems in one pass.
 * The fields are interpreted, because some runtimes forbid generated code.
 */
export function parseOptions<const F extends Fields>(
  fields: F,
  input: unknown,
  path: Path = [],
  elsewhere: Elsewhere = () => undefined
): Parsed<Options<F>> {
  const problems: Problem[] = []
  const given = isObject(input) ? input : {}
  if (input !== undefined && !isObject(input)) problems.push(wrong(path, input, 'an object'))
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(fields, key)) continue
    const hint = place(key, fields) ?? elsewhere(key) ?? alike(key, Object.keys(fields))
    problems.push({ ...problem([...path, key], `unknown key "${key}". ${hint}`), atKey: true })
  }
  const above: Elsewhere = (key) =>
    Object.hasOwn(fields, key)
      ? `It belongs one level up, ${path.length > 0 ? `in ${formatPath(path)}` : 'at the top'}.`
      : undefined

  const parse = (field: Field, own: unknown, at: Path): unknown => {
    if (field.kind === 'object') {
      const nested = parseOptions(field.fields, own, at, above)
      problems.push(...nested.problems)
      return nested.value
    }
    if (field.kind === 'either' && own !== undefined) {
      const taken = field.of.find((one) => hasShape(one, own))
      if (taken !== undefined) return parse(taken, own, at)
    }
    if (own === undefined) {
      if (field.required) problems.push(problem(at, `is missing. Give ${field.description}.`))
      return field.default
    }
    if (field.kind === 'list' && (Array.isArray(own) || (field.single && fits(field.items, own)))) {
      return [own].flat().map((item, i) => parse(field.items, item, [...at, i]))
    }
    if (field.kind === 'record' && isObject(own)) {
      return mapped(own, (item, key) => parse(field.values, item, [...at, key]))
    }
    if (fits(field, own)) return own
    problems.push(wrong(at, own, expected(field), suggestion(field, own)))
    return field.default
  }

  const value = mapped(fields, (field, name) =>
    parse(field, Object.hasOwn(given, name) ? given[name] : undefined, [...path, name])
  )
  return { value: value as Options<F>, problems }
}

/** Whether a value is of a field's JSON type. */
function hasShape(field: Field, input: unknown): boolean {
  if (field.kind === 'list') return Array.isArray(input)
  return field.kind === 'record' || field.kind === 'object' ? isObject(input) : fits(field, input)
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
        (field.pattern === undefined || new RegExp(field.pattern).test(input)) &&
        (!field.glob || isGlob(input))
      )
    case 'boolean':
      return typeof input === 'boolean'
    case 'choice':
      return field.choices.includes(input as string)
    default:
      return false
  }
}

/** What a field accepts, in words: `an integer of at least 1`. */
export function expected(field: Field): string {
  switch (field.kind) {
    case 'number':
    case 'integer':
      return `${field.kind === 'integer' ? 'an integer' : 'a number'}${range(field.min, field.max)}`
    case 'string':
      if (field.glob) return 'a glob: brackets and braces in pairs, ranges forwards'
      return field.pattern === undefined ? 'a string' : `a string like ${field.pattern}`
    case 'boolean':
      return 'true or false'
    case 'choice':
      return field.choices.map((choice) => `"${choice}"`).join(' or ')
    case 'list':
      return field.single ? `${expected(field.items)} or a list` : 'a list'
    case 'either':
      return field.of.map(expected).join(' or ')
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
  return problem(path, `${inWords(input)} is not ${expects}.${hint}`)
}

/** A value for error messages, always short. */
function inWords(input: unknown): string {
  if (Array.isArray(input)) return 'a list'
  if (isObject(input)) return 'an object'
  const text = typeof input === 'string' ? JSON.stringify(input) : String(input)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** Says that an unknown key belongs into a nested object, if one of these fields has it. */
function place(key: string, fields: Fields): string | undefined {
  for (const [name, field] of Object.entries(fields)) {
    if (field.kind === 'object' && Object.hasOwn(field.fields, key)) {
      return `It belongs one level down, in "${name}".`
    }
  }
  return undefined
}

/** For an unknown key, suggests the most similar name, or lists all names. */
export function alike(key: string, names: readonly string[]): string {
  const near = nearest(key, names)
  if (near !== undefined) return `Did you mean "${near}"?`
  return names.length > 0 ? `Known here: ${names.join(', ')}.` : 'None is known here.'
}

/** An object with the values that the function returns for these. Undefined values are left out. */
function mapped<T>(from: Readonly<Record<string, T>>, give: (value: T, key: string) => unknown) {
  const entries = Object.entries(from).map(([key, value]) => [key, give(value, key)] as const)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

export function isObject(input: unknown): input is { readonly [key: string]: unknown } {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}
