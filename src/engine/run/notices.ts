import type { ThalwegError } from '../../error.ts'
import { foldingError } from '../planning/fold.ts'
import type { RunPlan } from '../planning/plan.ts'
import { unmatchedMessage } from '../planning/select.ts'
import type { Alert } from '../stage.ts'

/** What is known of a run before its first step. */
export function planNotices({ folded, parameters, layout, unmatched }: RunPlan): Alert[] {
  const notices = unmatched.map(
    (pattern): Alert => ({
      id: 'select/unmatched',
      level: pattern.isOdd ? 'warn' : 'info',
      message: unmatchedMessage(pattern),
    })
  )
  if (!folded) return notices
  const scatter = (100 * foldingError).toFixed(2)
  const message = `${parameters} parameters are folded to ${layout.rows} rows: norms and singular values scatter by ${scatter} %, and no weight is known by itself`
  return [{ id: 'run/sketch', level: 'info', message }, ...notices]
}

/** How a run ended, where it did not end well. */
export function endNotices(end: string, failure: ThalwegError | undefined): Alert[] {
  if (failure) return [{ id: 'run/failed', level: 'error', message: failure.message }]
  if (end === 'closed') return []
  const message = 'the stream ended without "close"; the summaries stand for what came'
  return [{ id: 'run/truncated', level: 'warn', message }]
}
