import type { ThalwegError } from '../../error.ts'
import type { EngineAlertId } from '../alert-ids.ts'
import { foldingError } from '../planning/fold.ts'
import type { RunPlan } from '../planning/plan.ts'
import { unmatchedMessage } from '../planning/select.ts'
import type { Alert } from '../stage.ts'

/** What is known of a run before its first step. */
export function planNotices({
  folded,
  parameters,
  layout,
  unmatched,
  emptyGroups,
}: RunPlan): Alert[] {
  const notices: Alert[] = [
    ...unmatched.map((pattern) =>
      notice('select/unmatched', pattern.isOdd ? 'warn' : 'info', unmatchedMessage(pattern))
    ),
    ...emptyGroups.map(({ stage, scope }) => {
      const what = `stage ${stage}: ${scope} has no tensor among those that it looks at`
      return notice('select/empty-group', 'warn', `${what} and is left out`)
    }),
  ]
  if (!folded) return notices
  const scatter = (100 * foldingError).toFixed(2)
  const message = `${parameters} parameters are folded to ${layout.rows} rows: norms and singular values scatter by ${scatter} %, and no weight is known by itself`
  return [notice('run/sketch', 'info', message), ...notices]
}

/** How a run ended, where it did not end well. */
export function endNotices(end: string, failure: ThalwegError | undefined): Alert[] {
  if (failure) return [notice('run/failed', 'error', failure.message)]
  if (end === 'closed') return []
  const message = 'the stream ended without "close"; the summaries stand for what came'
  return [notice('run/truncated', 'warn', message)]
}

const notice = (id: EngineAlertId, level: Alert['level'], message: string): Alert => ({
  id,
  level,
  message,
})
