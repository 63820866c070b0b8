import { type ErrorCode, ThalwegError } from '../error.ts'
import { formatPath, type Path } from './path.ts'

/** Something wrong with a configuration, and where. */
export interface Problem {
  readonly level: 'error' | 'warn'
  readonly code: ErrorCode
  readonly path: Path
  /** What is wrong with which value, what was expected, and what to do; without the path. */
  readonly message: string
  /** True if the key itself is wrong, not its value. */
  readonly atKey?: true
}

/** An option that is wrong. */
export function problem(path: Path, message: string): Problem {
  return { level: 'error', code: 'E_CONFIG', path, message }
}

/** A problem as one line, without its place in a file. */
export function problemText({ path, message }: Problem): string {
  return path.length > 0 ? `${formatPath(path)}: ${message}` : message
}

/** Throws all errors among the problems as one error, with the code and path of the first. Warnings are ignored. */
export function throwErrors(problems: readonly Problem[], where: string): void {
  const errors = problems.filter(({ level }) => level === 'error')
  const [first] = errors
  if (first === undefined) return
  const lines = errors.map((error) => `${where}: ${problemText(error)}`)
  throw new ThalwegError(first.code, lines, { path: formatPath(first.path) })
}
