import type { ThalwegError } from '../../error.ts'
import type { AlertSpec } from '../../stage/define.ts'
import { sketchError } from '../../stage/sketch.ts'
import type { RunPlan } from '../planning/plan.ts'
import { unmatchedMessage } from '../planning/select.ts'
import type { Alert } from '../summary.ts'

/** Alerts that no stage raises. */
export const engineAlerts = {
  'run/sketch': { level: 'info', means: 'The model is folded to a sketch.' },
  'run/truncated': { level: 'warn', means: 'The stream ended before the run was closed.' },
  'run/failed': { level: 'error', means: 'An error ended the run.' },
  'run/other-build': {
    level: 'warn',
    means: 'The run continues from a state that another build saved.',
  },
  'select/unmatched': { level: 'warn', means: 'A pattern matches no tensor.' },
  'select/empty-group': {
    level: 'warn',
    means: 'A group has no tensor among those that a stage looks at.',
  },
  'metrics/names': { level: 'warn', means: 'Metrics have more names than are kept.' },
} as const satisfies { readonly [id: string]: AlertSpec }

export function engineAlert(id: keyof typeof engineAlerts, message: string): Alert {
  return { id, level: engineAlerts[id].level, message }
}

/** Alerts that are known before the first step of a run. */
export function planAlerts(plan: RunPlan): Alert[] {
  const { layout, unmatched, emptyGroups } = plan
  const alerts = [
    ...unmatched.map((pattern): Alert => {
      const alert = engineAlert('select/unmatched', unmatchedMessage(pattern))
      // An exclude pattern that resembles no tensor does no harm.
      return pattern.isOdd ? alert : { ...alert, level: 'info' }
    }),
    ...emptyGroups.map(({ stage, scope }) => {
      const what = `stage ${stage}: ${scope} has no tensor among those that it looks at`
      return engineAlert('select/empty-group', `${what} and is left out`)
    }),
  ]
  const sketches = layout.tensors.filter(({ folded }) => folded !== undefined)
  if (sketches.length === 0) return alerts
  const parameters = sketches.reduce((sum, { folded }) => sum + folded!, 0)
  const rows = sketches.reduce((sum, sketch) => sum + sketch.rows, 0)
  const scatter = (100 * sketchError(layout)).toFixed(2)
  const message = `${parameters} parameters are folded to ${rows} rows: norms and singular values scatter by ${scatter} %, and none of these is known by itself`
  return [engineAlert('run/sketch', message), ...alerts]
}

/** An alert if the run did not end well. */
export function endAlerts(end: string, failure: ThalwegError | undefined): Alert[] {
  if (failure) return [engineAlert('run/failed', failure.message)]
  if (end === 'closed') return []
  const message = 'the stream ended without "close"; the summaries stand for what came'
  return [engineAlert('run/truncated', message)]
}
