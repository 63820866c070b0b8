import type { Metrics } from '../../wire/frame.ts'
import type { ScopeOutcome } from '../analysis/instances.ts'
import type { Alerts } from '../intake/alerts.ts'
import type { PlannedStage } from '../planning/plan.ts'
import type { Settings } from '../settings.ts'
import type { Alert, Values } from '../stage.ts'
import type { Summary } from '../summary.ts'

/** The trainer's last figures of a member. */
export interface LastMetrics {
  readonly member: number
  readonly step: number
  readonly epoch?: number
  readonly metrics: Metrics
}

/** Where a run stands: what every summary says beside its values. */
export interface Standing {
  readonly step: number
  readonly epoch?: number
  readonly frames: number
}

/** Makes a run's summaries. */
export class Report {
  /** By member, plain data, saved as it is. */
  readonly metrics: LastMetrics[] = []
  readonly #run: string
  readonly #levels: Settings['alerts']
  readonly #alerts: Alerts

  constructor(run: string, levels: Settings['alerts'], alerts: Alerts) {
    this.#run = run
    this.#levels = levels
    this.#alerts = alerts
  }

  /** Merges a member's figures into its last ones. */
  record(latest: LastMetrics): void {
    const { metrics } = this
    const known = metrics.findIndex((entry) => entry.member === latest.member)
    if (known < 0) metrics.push(latest)
    else metrics[known] = { ...latest, metrics: { ...metrics[known]!.metrics, ...latest.metrics } }
  }

  /** The trainer's figures, of all members or of one. */
  trainer(standing: Standing, only?: number): Summary[] {
    return this.metrics
      .filter(({ member }) => only === undefined || member === only)
      .map(({ member, step, epoch, metrics }) =>
        this.summary(
          { ...standing, step, epoch },
          'metrics',
          'metrics',
          'model',
          member,
          withWhy(metrics)
        )
      )
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

function withWhy(metrics: Metrics): Values {
  const why = Object.entries(metrics)
    .filter(([, value]) => !Number.isFinite(value))
    .map(([name, value]) => `${name} is ${value}`)
  return why.length > 0 ? { ...metrics, why: why.join('; ') } : metrics
}
