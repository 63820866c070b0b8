import type { Alert, Summary } from '../../engine/summary.ts'
import { plain } from '../../plain.ts'
import { terminalOf } from '../terminal.ts'

/**
 * Says alerts of level `warn` and `error` on stderr as they come, each only the first time that a stage has it: there may
 * be thousands of scopes, and summaries have them all. What ends a run is left to its error.
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
