import { engineAlerts } from '../engine/alert-ids.ts'
import type { StageValue } from '../engine/stage.ts'
import { nearest } from '../spec/nearest.ts'
import { type Problem, problem } from '../spec/problem.ts'

/**
 * Ids of alerts, whose levels a pipeline sets, that nothing raises. A stage that does not declare what it raises may raise
 * anything under its type; of a type that is not known here nobody can tell, so that is worth a warning alone.
 */
export function alertProblems(
  alerts: Readonly<Record<string, unknown>>,
  stages: readonly StageValue[]
): Problem[] {
  const declared = stages.flatMap(({ definition }) => definition.alerts ?? [])
  const known = [...Object.keys(engineAlerts), ...declared]
  const types = stages.map(({ definition }) => definition.type)
  const silent = stages
    .filter(({ definition }) => definition.alerts === undefined)
    .map(({ definition }) => definition.type)
  return Object.keys(alerts).flatMap((id) => {
    const [type = ''] = id.split('/')
    if (known.includes(id) || silent.includes(type)) return []
    const near = nearest(id, known)
    const own = known.filter((other) => other.startsWith(`${type}/`))
    const hint =
      near !== undefined
        ? `Did you mean "${near}"?`
        : `Known: ${(own.length > 0 ? own : known).map((other) => `"${other}"`).join(', ')}.`
    const found = problem(['alerts', id], `no alert is called "${id}". ${hint}`)
    const isSure = near !== undefined || own.length > 0 || types.includes(type)
    return [{ ...found, atKey: true as const, level: isSure ? 'error' : 'warn' }]
  })
}
