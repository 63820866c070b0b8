import type { Field, Fields, Options } from '../../spec/fields.ts'
import { flagOf } from './arguments.ts'

export interface Positional {
  /** As help shows it: `[name|file]`. */
  readonly name: string
  readonly description: string
  /** True where any number of them may be given. */
  readonly many?: true
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

/** A command's help. */
export function helpOf({ name, summary, positional, options, examples }: Command): string {
  const usage = ['thalweg', name, '[options]', positional?.name].filter(Boolean).join(' ')
  const rows = Object.entries(options).map(([option, field]) => [
    `${flagOf(option)}${placeholder(field)}`,
    describe(field),
  ])
  const parts = [
    `Usage: ${usage}\n\n${summary}`,
    positional && table([[positional.name, positional.description]]),
    `Options:\n${table([...rows, ['--help', 'print this']])}`,
    examples && `Examples:\n${examples.map((example) => `  ${example}`).join('\n')}`,
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

/** Two columns, the second wrapped to what is left of 90 characters. */
export function table(rows: readonly (readonly string[])[]): string {
  const left = Math.min(30, Math.max(...rows.map(([first]) => first!.length)) + 2)
  return rows
    .flatMap(([first, second]) => {
      const lines = wrap(second!, 88 - left)
      if (first!.length >= left) return [`  ${first}`, ...lines.map((line) => indent(line, left))]
      return lines.map((line, i) => indent(line, left, i === 0 ? first : ''))
    })
    .join('\n')
}

function indent(line: string, width: number, label = ''): string {
  return `  ${label.padEnd(width)}${line}`
}

function wrap(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!
    if (last === '') lines[lines.length - 1] = word
    else if (last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
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
