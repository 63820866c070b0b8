import type { Alert, StandingAlert, Summary } from '../../../engine/summary.ts'

/** The step at which an alert began, and the step of the last summary that still had it. */
export type Stretch = [from: number, to: number]

/** When an alert was raised, in any scope. */
export interface Lane {
  readonly id: string
  level: Alert['level']
  message: string
  /** How often it began. */
  times: number
  readonly stretches: Stretch[]
}

/** How many stretches a lane has at most. A later one extends the last. */
const mostStretches = 200

/**
 * Adds a summary's alerts to their lanes. An alert that was also in the scope's previous summary continues; any other begins.
 *
 * @param before ids of the alerts in the scope's previous summary, and its step
 */
export function addAlerts(
  lanes: Lane[],
  { alerts, step }: Summary,
  before: { readonly ids: readonly string[]; readonly step: number } | undefined
): void {
  for (const alert of alerts) {
    const lane = laneOf(lanes, alert)
    const from = before?.ids.includes(alert.id) ? before.step : step
    const last = lane.stretches.at(-1)
    if (last && (from <= last[1] || lane.stretches.length === mostStretches)) {
      last[1] = Math.max(last[1], step)
      continue
    }
    lane.times++
    lane.stretches.push([step, step])
  }
}

/** Adds alerts that were raised before the first summary that came, and were still active at this step. */
export function addStanding(lanes: Lane[], standing: readonly StandingAlert[], step: number): void {
  for (const { alert, step: from } of standing) {
    const lane = laneOf(lanes, alert)
    const last = lane.stretches.at(-1)
    // Another scope had the alert too.
    if (last) last[0] = Math.min(last[0], from)
    else {
      lane.times++
      lane.stretches.push([from, step])
    }
  }
}

function laneOf(lanes: Lane[], { id, level, message }: Alert): Lane {
  const known = lanes.find((lane) => lane.id === id)
  if (known) return Object.assign(known, { level, message })
  const lane = { id, level, message, times: 0, stretches: [] }
  lanes.push(lane)
  return lane
}
