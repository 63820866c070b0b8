import { isatty } from 'node:tty'
import { ThalwegError } from '../../error.ts'

/** @throws E_USAGE if standard input is a terminal, because nobody types a stream */
export function requirePipedStdin(command: string): void {
  if (!isatty(0)) return
  throw new ThalwegError(
    'E_USAGE',
    `${command}: standard input is a terminal. Pipe a stream into it, as in \`thalweg train mnist-mlp | thalweg ${command}\`, or name a file.`
  )
}
