import type { Field, Fields, Options } from '../../spec/fields.ts'
import { glossary } from '../text.ts'
import { flagOf } from './arguments.ts'

export interface Positional {
  /** As help shows it: `[name|file]`. */
  readonly name: string
  readonly description: string
  /** True where any number of them may be given. */
  readonly many?: true
  /** Names that it may be, for shells to complete. */
  readonly choices?: () => readonly string[]
}

/** A subcommand. Its options are fields, which parse the command line and write the help. */
export interface Command<F extends Fields = Fields> {
  readonly name: string
  /** One sentence for the list of commands. */
  readonly summary: string
  readonly positional?: Positional
  readonly options: F
  /** Command lines worth copying. */
  readonly examples?: readonly string[]
  /** @returns the exit code; what it throws is reported and decides the exit code */
  run(options: Options<F>, positionals: readonly string[]): number | Promise<number>
}

/** Makes a command known to the command line: keeps its options' types while it is defined. */
export function defineCommand<const F extends Fields>(command: Command<F>): Command {
  return command as unknown as Command
}

/** `thalweg run [options] [name|file]`. */
export function usageOf({ name, positional }: Command): string {
  return ['thalweg', name, '[options]', positional?.name].filter(Boolean).join(' ')
}

/** A command's help. */
export function helpOf(command: Command): string {
  const { summary, positional, options, examples } = command
  const rows = Object.entries(options).map(([option, field]): [string, string] => [
    `${flagOf(option)}${placeholder(field)}`,
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
