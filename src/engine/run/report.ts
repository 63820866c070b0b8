import type { ScopeOutcome } from '../analysis/instances.ts'
import type { Alerts } from '../intake/alerts.ts'
import type { PlannedStage } from '../planning/plan.ts'
import type { Settings } from '../settings.ts'
import type { Alert, Values } from '../stage.ts'
import type { Summary } from '../summary.ts'
import { type Figures, valuesOf } from './trainer.ts'

/** Where a run stands: what every summary says beside its values. */
export interface Standing {
  readonly step: number
  readonly epoch?: number
  readonly frames: number
}

/** Makes a run's summaries. */
export class Report {
  readonly #run: string
  readonly #levels: Settings['alerts']
  readonly #alerts: Alerts

  constructor(run: string, levels: Settings['alerts'], alerts: Alerts) {
    this.#run = run
    this.#levels = levels
    this.#alerts = alerts
  }

  /** The trainer's figures of a member. */
  trainer(standing: Standing, { member, step, epoch, metrics }: Figures): Summary {
    const place = { ...standing, step, epoch }
    return this.summary(place, 'metrics', 'metrics', 'model', member, valuesOf(metrics))
  }

  /** A stage's summaries; `health` brings the alerts that were held. */
  stage(standing: Standing, stage: PlannedStage, outcomes: readonly ScopeOutcome[]): Summary[] {
    const { type } = stage.definition
    return outcomes.map(({ scope, outcome }) => {
      const own = outcome.alerts ?? []
      const alerts = type === 'health' ? [...this.#alerts.take(), ...own] : own
      return this.summary(standing, stage.id, type, scope, stage.member, outcome.values, alerts)
    })
  }

  summary(
    { step, epoch, frames }: Standing,
    stage: string,
    type: string,
    scope: string,
    member: number,
    values: Values,
    alerts: readonly Alert[] = []
  ): Summary {
    return {
      schema: 'thalweg.summary/1',
      run: this.#run,
      stage,
      type,
      scope,
      member,
      step,
      ...(epoch === undefined ? {} : { epoch }),
      frames,
      values,
      alerts: alerts.flatMap((alert) => {
        const level = this.#levels[alert.id] ?? alert.level
        return level === 'off' ? [] : [{ ...alert, level }]
      }),
    }
  }
}
