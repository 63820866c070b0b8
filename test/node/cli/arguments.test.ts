import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ThalwegError } from '../../../src/error.ts'
import { parseArguments } from '../../../src/node/cli/arguments.ts'
import { defineCommand, helpOf } from '../../../src/node/cli/command.ts'
import { boolean, choice, integer, list, number, string } from '../../../src/spec/fields.ts'

const args = suite('the command line')

const fields = {
  set: list(string({ description: 'one', unit: 'path=value' }), {
    description: 'sets',
    default: [],
  }),
  failOn: choice(['warn', 'error'], { description: 'level' }),
  quiet: boolean({ description: 'silence', default: false }),
  shuffle: boolean({ description: 'shuffle', default: true }),
  steps: integer({ description: 'how many', unit: 'steps', min: 1, default: 500 }),
  epsilon: number({ description: 'size' }),
} as const

function wrong(...argv: string[]): string {
  try {
    parseArguments(fields, argv)
  } catch (error) {
    assert.is((error as ThalwegError).code, 'E_USAGE')
    return (error as ThalwegError).message
  }
  throw new Error(`${argv.join(' ')} was accepted`)
}

args('is read by its fields', () => {
  const { options, positionals } = parseArguments(
    fields,
    ['a', '--set', 'x=1', '--fail-on=warn', '--steps', '20', '--set', 'y=2', '--epsilon', '1e-4'],
    1
  )
  assert.equal(positionals, ['a'])
  assert.equal(options, {
    set: ['x=1', 'y=2'],
    failOn: 'warn',
    quiet: false,
    shuffle: true,
    steps: 20,
    epsilon: 1e-4,
  })
})

args('takes a number in percent, and no integer so', () => {
  assert.is(parseArguments(fields, ['--epsilon', '0.1%']).options.epsilon, 0.001)
  assert.match(wrong('--epsilon', '%'), '--epsilon: "%" is not a number')
  assert.match(wrong('--steps', '5%'), '--steps: "5%" is not an integer')
})

args('turns off what is on by default', () => {
  assert.equal(parseArguments(fields, ['--no-shuffle', '--quiet']).options.shuffle, false)
})

args('says all that is wrong with it', () => {
  const text = wrong('--falil-on', 'warn', '--steps', 'many', '--set')
  assert.match(text, 'unknown option --falil-on. Did you mean --fail-on?')
  assert.match(text, 'unexpected argument "warn"')
  assert.match(text, '--steps: "many" is not an integer of at least 1.')
  assert.match(text, '--set needs a value.')
  assert.match(wrong('--steps', ''), '--steps: "" is not an integer')
  assert.match(wrong('--quiet=yes'), '--quiet takes no value')
  assert.match(wrong('--fail-on', 'warning'), 'Did you mean "warn"?')
})

args('has its help written by its fields', () => {
  const help = helpOf(
    defineCommand({
      name: 'walk',
      summary: 'Walks.',
      positional: { name: '[way]', description: 'where to' },
      options: fields,
      run: () => 0,
    })
  )
  assert.match(help, 'Usage: thalweg walk [options] [way]')
  assert.match(help, /--set <path=value> {2,}sets; may be repeated/)
  assert.match(help, /--fail-on warn\|error {2,}level/)
  assert.match(help, /--steps <steps> {2,}how many \(500\)/)
  for (const line of help.split('\n')) assert.ok(line.length <= 100, line)
})

args.run()
