import type { EngineAlertId } from '../alert-ids.ts'
import type { Alert } from '../stage.ts'

/** More say nothing new, and a stream may go on for ever. */
const most = 100

/** What the engine has noticed and no summary has said yet. */
export class Alerts {
  /** Plain data, saved as it is. */
  readonly held: Alert[] = []

  raise(id: EngineAlertId, level: Alert['level'], message: string): void {
    if (this.held.length < most) this.held.push({ id, level, message })
  }

  /** Hands over all that are held. */
  take(): Alert[] {
    return this.held.splice(0)
  }
}
