import type { WriteStream } from 'node:tty'

type Output = Pick<WriteStream, 'isTTY' | 'columns'>

/** What a stream supports besides plain text: colours and rewriting a line, but only on a terminal that allows it. */
export interface Terminal {
  readonly interactive: boolean
  /** Returns to the beginning of the line and clears it. Empty if the stream is not a terminal. */
  readonly clearLine: string
  readonly columns: number
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  yellow(text: string): string
}

/** Examines a stream and the environment: `NO_COLOR`, `FORCE_COLOR`, `TERM=dumb`. */
export function terminalOf(stream: Output, env: NodeJS.ProcessEnv = process.env): Terminal {
  const interactive = Boolean(stream.isTTY) && env.TERM !== 'dumb'
  const colours = env.NO_COLOR ? false : env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : interactive
  const style = (code: number, end: number) => (text: string) =>
    colours ? `\x1b[${code}m${text}\x1b[${end}m` : text
  return {
    interactive,
    clearLine: interactive ? '\r\x1b[K' : '',
    columns: stream.columns || 80,
    bold: style(1, 22),
    dim: style(2, 22),
    red: style(31, 39),
    yellow: style(33, 39),
  }
}
