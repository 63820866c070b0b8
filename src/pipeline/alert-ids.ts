import { engineAlerts } from '../engine/run/alerts.ts'
import type { ReadAlerts } from '../engine/settings/alerts.ts'
import { nearest } from '../spec/nearest.ts'
import { type Problem, problem } from '../spec/problem.ts'
import type { StageDefinition } from '../stage/define.ts'

/**
 * Finds ids of alerts in a pipeline's settings that nothing raises. If the type in an id is unknown here, the problem is only a
 * warning, because the alert may exist.
 */
export function alertProblems(
  places: ReadAlerts['places'],
  stages: readonly { readonly definition: StageDefinition }[]
): Problem[] {
  const declared = stages.flatMap(({ definition: { type, alerts: own = {} } }) =>
    Object.keys(own).map((condition) => `${type}/${condition}`)
  )
  const known = [...Object.keys(engineAlerts), ...declared]
  const types = stages.map(({ definition }) => definition.type)
  return places.flatMap(({ id, path, atKey }) => {
    const [type = ''] = id.split('/')
    if (known.includes(id)) return []
    const near = nearest(id, known)
    const own = known.filter((other) => other.startsWith(`${type}/`))
    const hint =
      near !== undefined
        ? `Did you mean "${near}"?`
        : `Known: ${(own.length > 0 ? own : known).map((other) => `"${other}"`).join(', ')}.`
    const found = problem(path, `no alert is called "${id}". ${hint}`)
    const isSure = near !== undefined || own.length > 0 || types.includes(type)
    return [{ ...found, atKey, level: isSure ? 'error' : 'warn' }]
  })
}
