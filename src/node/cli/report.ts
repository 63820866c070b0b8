import { ThalwegError } from '../../error.ts'
import { plain } from '../../plain.ts'
import { type PipelineFile, placedJson, placedText } from '../pipeline-file.ts'

/**
 * Writes an error to stderr, in words or as one JSON object. An error that is not ours is shown with its stack.
 *
 * @returns the error's exit code
 */
export function report(error: unknown, json: boolean): number {
  const known = error instanceof ThalwegError
  const message = known ? error.message : String((error as Error)?.stack ?? error)
  const { code, offset, path } = known ? error : ({ code: 'E_RUN' } as Partial<ThalwegError>)
  const object = { schema: 'thalweg.error/1', code, message, offset, path }
  process.stderr.write(json ? jsonLine(object) : `thalweg: ${plainLines(message)}\n`)
  return known ? error.exitCode : 1
}

/** Writes the warnings about a valid pipeline to stderr. */
export function warn({ file, problems }: PipelineFile, json: boolean): void {
  for (const problem of problems) {
    const object = { schema: 'thalweg.warning/1', ...placedJson(file, problem) }
    process.stderr.write(json ? jsonLine(object) : `${plain(placedText(file, problem))}\n`)
  }
}

function jsonLine(object: object): string {
  return `${plain(JSON.stringify(object))}\n`
}

/** A text of several lines, escaped, but with our line breaks kept. */
function plainLines(text: string): string {
  return text.split('\n').map(plain).join('\n')
}
