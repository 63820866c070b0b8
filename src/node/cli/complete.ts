import { RootCommand } from '@bomb.sh/tab'
import { ThalwegError } from '../../error.ts'
import { flagOf } from './arguments.ts'
import { type Command, defineCommand } from './command.ts'

const shells = ['bash', 'zsh', 'fish', 'powershell']

export const complete = defineCommand({
  name: 'complete',
  summary: "Prints a script by which a shell completes thalweg's commands and options.",
  positional: {
    name: '<shell>',
    description: 'bash, zsh, fish or powershell',
    choices: () => shells,
  },
  options: {},
  examples: [
    'source <(thalweg complete bash)',
    'thalweg complete fish > ~/.config/fish/completions/thalweg.fish',
  ],
  run(_options, [shell = '']) {
    if (!shells.includes(shell)) {
      const message = `complete: "${shell}" is not a known shell. The known ones are ${shells.join(', ')}.`
      throw new ThalwegError('E_USAGE', message)
    }
    new RootCommand().setup('thalweg', 'thalweg', shell)
    return 0
  },
})

/** Prints what may follow an incomplete command line. */
export function suggest(commands: readonly Command[], line: string[]): number {
  const root = new RootCommand()
  for (const { name, summary, positional, options } of commands) {
    const command = root.command(name, summary)
    for (const [option, field] of Object.entries(options)) {
      const choices = field.kind === 'choice' ? field.choices : []
      const flag = flagOf(option).slice(2)
      if (field.kind === 'boolean') command.option(flag, field.description)
      else {
        command.option(flag, field.description, (add) => {
          for (const choice of choices) add(choice, '')
        })
      }
    }
    if (!positional) continue
    const names = positional.choices ?? (() => [])
    const add = (offer: (value: string, description: string) => void) => {
      for (const value of names()) offer(value, '')
    }
    command.argument('value', add, positional.many)
  }
  root.parse(line)
  return 0
}
