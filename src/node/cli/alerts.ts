import type { Alert, Summary } from '../../engine/summary.ts'
import { plain } from '../../plain.ts'
import { terminalOf } from '../terminal.ts'

/**
 * Writes alerts of level `warn` and `error` to stderr as they come. Each id is shown only the first time for each stage, because
 * there may be thousands of scopes; the summaries have all of them. The alert of a failed run is left out, because its error is
 * reported.
 */
export function alertTeller(json: boolean): (alert: Alert, summary: Summary) => void {
  const { stderr } = process
  const { clearLine, red, yellow } = terminalOf(stderr)
  const told = new Set<string>()
  return ({ id, level, message }, { run, stage, scope, member, step }) => {
    const key = JSON.stringify([run, stage, id])
    if (level === 'info' || id === 'run/failed' || told.has(key)) return
    told.add(key)
    const object = {
      schema: 'thalweg.alert/1',
      run,
      stage,
      scope,
      member,
      step,
      id,
      level,
      message,
    }
    const style = level === 'error' ? red : yellow
    const words = `${clearLine}thalweg: ${style(level)} ${plain(`${id}: ${message}`)}`
    stderr.write(`${json ? plain(JSON.stringify(object)) : words}\n`)
  }
}
