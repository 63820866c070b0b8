import { parseArgs } from 'node:util'
import { ThalwegError } from '../../error.ts'
import type { Field, Fields, Options } from '../../spec/fields.ts'
import { nearest } from '../../spec/nearest.ts'
import { parseOptions } from '../../spec/parse.ts'

export interface Arguments<F> {
  readonly options: Options<F>
  readonly positionals: readonly string[]
}

/** Shorter ways to write some options. */
export interface Shorthands {
  /** A letter for an option: `{ o: 'out' }` for `-o`. */
  readonly letters?: { readonly [letter: string]: string }
  /** The number that a flag without a value stands for: `{ serve: 7070 }` for `--serve`. */
  readonly bare?: { readonly [name: string]: number }
}

/** The flag of an option: `failOn` becomes `--fail-on`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/**
 * Parses a command line with the same fields that describe options elsewhere. Repeating a flag makes a list. `--no-...` turns off
 * a flag that is on by default.
 *
 * @param most maximum number of positional arguments
 * @throws E_USAGE with all mistakes
 */
export function parseArguments<const F extends Fields>(
  fields: F,
  argv: readonly string[],
  most = 0,
  { letters = {}, bare = {} }: Shorthands = {}
): Arguments<F> {
  const byFlag = new Map(
    Object.entries(fields).map(([name, field]) => [flagOf(name), { name, field }])
  )
  const flags = Object.fromEntries(
    [...byFlag].map(([flag, { field }]) => [
      flag.slice(2),
      { type: field.kind === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ])
  )
  for (const [letter, name] of Object.entries(letters)) {
    Object.assign(flags[flagOf(name).slice(2)]!, { short: letter })
  }
  const { tokens } = parseArgs({
    args: completed(argv, bare),
    options: flags,
    strict: false,
    tokens: true,
  })
  const given: Record<string, unknown> = {}
  const positionals: string[] = []
  const wrong: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') {
      positionals.push(token.value)
      if (positionals.length > most) wrong.push(`unexpected argument "${token.value}".`)
    }
    if (token.kind !== 'option') continue
    const known = byFlag.get(token.rawName) ?? byFlag.get(`--${letters[token.rawName.slice(1)]}`)
    const negated = byFlag.get(token.rawName.replace(/^--no-/, '--'))
    if (known === undefined && negated?.field.kind === 'boolean') {
      given[negated.name] = false
    } else if (known === undefined) {
      const near = nearest(token.rawName, byFlag.keys())
      wrong.push(`unknown option ${token.rawName}.${near ? ` Did you mean ${near}?` : ''}`)
    } else if (known.field.kind === 'boolean') {
      if (token.value === undefined) given[known.name] = true
      else wrong.push(`${token.rawName} takes no value.`)
    } else if (token.value === undefined) {
      wrong.push(`${token.rawName} needs a value.`)
    } else {
      const value = read(known.field, token.value)
      given[known.name] =
        known.field.kind === 'list' ? [...((given[known.name] as []) ?? []), value] : value
    }
  }
  const { value, problems } = parseOptions(fields, given)
  for (const { path, message } of problems) wrong.push(`${flagOf(String(path[0]))}: ${message}`)
  if (wrong.length > 0) throw new ThalwegError('E_USAGE', wrong)
  return { options: value, positionals }
}

/**
 * Converts a flag's text to its field's type, and `0.1%` to 0.001. Text that is not a number stays text, and is refused as such
 * later.
 */
function read(field: Field, text: string): unknown {
  if (field.kind === 'list') return read(field.items, text)
  if (field.kind !== 'integer' && field.kind !== 'number') return text
  const percent = field.kind === 'number' ? /^(.+)%$/.exec(text)?.[1] : undefined
  const digits = percent ?? text
  const value =
    digits.trim() === '' ? Number.NaN : Number(digits) / (percent === undefined ? 1 : 100)
  return Number.isNaN(value) ? text : value
}

/** Adds the numbers for flags that stand alone. */
function completed(argv: readonly string[], bare: NonNullable<Shorthands['bare']>): string[] {
  const numbers = new Map(Object.entries(bare).map(([name, number]) => [flagOf(name), number]))
  return argv.map((argument, i) => {
    const number = numbers.get(argument)
    return number === undefined || /^\d+$/.test(argv[i + 1] ?? '')
      ? argument
      : `${argument}=${number}`
  })
}
