#!/usr/bin/env node
import { exitCodes, ThalwegError } from '../../error.ts'
import { nearest } from '../../spec/nearest.ts'
import { glossary } from '../text.ts'
import { outputError } from '../writer.ts'
import { parseArguments } from './arguments.ts'
import { type Command, helpOf, usageOf } from './command.ts'
import { allCommands, commands } from './commands.ts'
import { report } from './report.ts'
import { version } from './version.ts'

const json = process.argv.includes('--json')
const done = main(process.argv.slice(2)).catch((error) => report(error, json))

// It is no error when a reader leaves. Commands that wait for their writes report failures themselves.
process.stdout.on('error', async (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || (await done) !== 0) return
  process.exitCode = report(outputError(error, 'stdout'), json)
})
process.stderr.on('error', () => {})

const code = await done
if (code !== 0) process.exitCode = code

async function main([name, ...rest]: string[]): Promise<number> {
  if (name === '--version') return say(`${version()}\n`)
  if (name === '--help' || name === '-h') return say(await overview())
  if (name === 'help' && rest[0] === undefined) return say(await overview())
  if (name === undefined) {
    process.stderr.write(await overview())
    return 2
  }
  // The command line that is being typed may contain options, but they are not ours.
  if (name === 'complete' && rest[0] === '--') {
    return (await import('./complete.ts')).suggest(await allCommands(), rest.slice(1))
  }
  const wanted = name === 'help' ? rest[0]! : name
  const command = await find(wanted)
  if (name === 'help' || rest.includes('--help') || rest.includes('-h')) return say(helpOf(command))
  const most = command.positional ? (command.positional.many ? Number.POSITIVE_INFINITY : 1) : 0
  try {
    const { options, positionals } = parseArguments(command.options, rest, most, command.shorthands)
    return await command.run(options, positionals)
  } catch (error) {
    const code = report(error, json)
    if (code === exitCodes.E_USAGE && !json) {
      process.stderr.write(`Usage: ${usageOf(command)}\nthalweg ${wanted} --help tells more.\n`)
    }
    return code
  }
}

function find(name: string): Promise<Command> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (load !== undefined) return load()
  const near = nearest(name, Object.keys(commands))
  const hint = near ? `Did you mean "${near}"?` : 'See thalweg --help.'
  throw new ThalwegError('E_USAGE', `unknown command "${name}". ${hint}`)
}

async function overview(): Promise<string> {
  const all = await allCommands()
  return `Usage: thalweg <command> [options]

Weight deltas go in while a network trains; its directions, modes and stability come out, live.

${glossary(all.map(({ name, summary }) => [name, summary]))}

thalweg <command> --help tells more.

  thalweg train mnist-mlp --steps 500 | thalweg run
`
}

function say(text: string): number {
  process.stdout.write(text)
  return 0
}
