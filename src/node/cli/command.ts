import type { Field, Fields, Options } from '../../spec/fields.ts'
import { glossary } from '../text.ts'
import { flagOf, type Shorthands } from './arguments.ts'

export interface Positional {
  /** As the help shows it: `[name|file]`. */
  readonly name: string
  readonly description: string
  /** True if it may be given any number of times. */
  readonly many?: true
  /** Possible values, for shell completion. */
  readonly choices?: () => readonly string[]
}

/** A subcommand. Its options are fields, which parse the command line and write the help. */
export interface Command<F extends Fields = Fields> {
  readonly name: string
  /** One sentence for the list of commands. */
  readonly summary: string
  readonly positional?: Positional
  readonly options: F
  readonly shorthands?: Shorthands
  /** Command lines worth copying. */
  readonly examples?: readonly string[]
  /** @returns the exit code. An error that it throws is reported and decides the exit code */
  run(options: Options<F>, positionals: readonly string[]): number | Promise<number>
}

/** Makes a command known to the command line. While it is defined, the types of its options are kept. */
export function defineCommand<const F extends Fields>(command: Command<F>): Command {
  return command as unknown as Command
}

/** `thalweg run [options] [name|file]`. */
export function usageOf({ name, positional }: Command): string {
  return ['thalweg', name, '[options]', positional?.name].filter(Boolean).join(' ')
}

/** A command's help. */
export function helpOf(command: Command): string {
  const { summary, positional, options, shorthands, examples } = command
  const letterOf = (option: string) => {
    const found = Object.entries(shorthands?.letters ?? {}).find(([, name]) => name === option)
    return found ? `-${found[0]}, ` : ''
  }
  const rows = Object.entries(options).map(([option, field]): [string, string] => [
    `${letterOf(option)}${flagOf(option)}${placeholder(field)}`,
    describe(field),
  ])
  const parts = [
    `Usage: ${usageOf(command)}\n\n${summary}`,
    positional && glossary([[positional.name, positional.description]]),
    `Options:\n${glossary([...rows, ['--help', 'print this']])}`,
    examples && `Examples:\n${examples.map((example) => `  ${example}`).join('\n')}`,
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

function placeholder(field: Field): string {
  if (field.kind === 'boolean') return ''
  if (field.kind === 'choice') return ` ${field.choices.join('|')}`
  if (field.kind === 'list') return placeholder(field.items)
  return ` <${field.unit ?? field.kind}>`
}

function describe(field: Field): string {
  const repeated = field.kind === 'list' ? '; may be repeated' : ''
  const silent = field.default === undefined || field.kind === 'boolean' || field.kind === 'list'
  return `${field.description}${repeated}${silent ? '' : ` (${field.default})`}`
}
