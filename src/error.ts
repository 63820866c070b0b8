import { plain } from './plain.ts'

/** The stable codes of all errors that the product throws, each with the exit code of the command line. */
export const exitCodes = {
  E_RUN: 1,
  E_USAGE: 2,
  E_FRAME: 65,
  E_FRAME_SIZE: 65,
  E_FRAME_KIND: 65,
  E_FRAME_KEY: 65,
  E_STRAY_TEXT: 65,
  E_LIMIT: 65,
  E_VERSION: 65,
  E_OPEN: 65,
  E_TENSOR: 65,
  E_DTYPE: 65,
  E_PAYLOAD: 65,
  E_STEP: 65,
  E_SKEW: 65,
  E_ANCHOR: 65,
  E_NONFINITE: 65,
  E_TOO_LARGE: 65,
  E_CLOSE: 65,
  E_SUMMARY: 65,
  E_COMPARE: 65,
  E_INPUT: 66,
  E_OUTPUT: 74,
  E_PIPE: 0,
  E_CONFIG: 78,
  E_SELECT: 78,
  E_MEMORY: 78,
  E_RANK: 78,
  E_FOLD: 78,
  E_STATE: 65,
  E_KERNEL: 1,
  E_PEER: 1,
} as const

export type ErrorCode = keyof typeof exitCodes

export interface ErrorDetails {
  /** Byte offset in the stream at which the problem begins. */
  offset?: number
  /** Path of the faulty configuration value, such as `stages[0].rank`. */
  path?: string
  cause?: unknown
}

/**
 * An error with a stable code. It says where, what with its value, what was expected and what to do. Each of its lines is plain
 * text, whatever names it contains.
 *
 * @example
 * ```ts
 * if (error instanceof ThalwegError && error.code === 'E_PIPE') return // whoever read the output has gone
 * ```
 */
export class ThalwegError extends Error {
  readonly code: ErrorCode
  /** The lines of the message, without place and code. */
  readonly lines: readonly string[]
  readonly offset: number | undefined
  readonly path: string | undefined

  constructor(code: ErrorCode, message: string | readonly string[], details: ErrorDetails = {}) {
    const where = details.offset === undefined ? '' : `at byte ${details.offset}: `
    const lines = (typeof message === 'string' ? [message] : message).map(plain)
    super(`${where}${lines.join('\n')} [${code}]`, { cause: details.cause })
    this.name = 'ThalwegError'
    this.code = code
    this.lines = lines
    this.offset = details.offset
    this.path = details.path
  }

  get exitCode(): number {
    return exitCodes[this.code]
  }
}
