import type { AnyValues } from '../../spec/figures.ts'
import type { StageDefinition } from '../../stage/define.ts'
import type { ScopeOutcome } from '../analysis/runner.ts'
import type { Notice, Notices } from '../intake/notices.ts'
import type { PlannedStage, RunPlan } from '../planning/plan.ts'
import type { Settings } from '../settings/settings.ts'
import type { Alert, Summary } from '../summary.ts'
import { metricsSpec, runSpec } from './specs.ts'
import { type Figures, valuesOf } from './trainer.ts'

/** The place in the run that every summary carries beside its values. */
export interface Standing {
  readonly step: number
  readonly epoch?: number
  readonly frames: number
}

/** Further alerts add nothing new, and there may be thousands of scopes. */
const mostHeld = 100

/** An alert of a stage that waits for the stage's next summary. */
export interface HeldAlert extends Alert {
  readonly stage: string
  readonly scope: string
}

/** Makes a run's summaries. */
export class Report {
  /** Alerts that no summary has carried yet: plain data, saved unchanged. */
  readonly alerts: Alert[] = []
  /** Waiting alerts of stages whose block was not reported. */
  readonly held: HeldAlert[] = []
  readonly #run: string
  readonly #levels: Settings['alerts']
  readonly #notices: Notices
  /** The stage that reports what the engine has noticed: one that always runs. */
  readonly #speaker: StageDefinition | undefined

  constructor({ open, settings, stages }: RunPlan, notices: Notices) {
    this.#run = open.run
    this.#levels = settings.alerts
    this.#notices = notices
    this.#speaker = stages.find(({ definition }) => definition.always)?.definition
  }

  /** A summary of the trainer's figures of a member. */
  trainer(standing: Standing, { member, step, epoch, metrics }: Figures): Summary {
    const { type } = metricsSpec
    const place = { ...standing, step, epoch }
    return this.#summary(place, type, type, 'model', member, valuesOf(metrics))
  }

  /** A stage's summaries. The summary of a stage that always runs also carries what the engine has noticed. */
  stage(standing: Standing, stage: PlannedStage, outcomes: readonly ScopeOutcome[]): Summary[] {
    const { id, member, definition } = stage
    return outcomes.map(({ scope, outcome: { values = {}, alerts = [] } }) => {
      const own = [
        ...this.#takeHeld(id, scope),
        ...alerts.map((alert) => alertOf(alert, definition)),
      ]
      const all = definition === this.#speaker ? [...this.#noticed(), ...own] : own
      return this.#summary(standing, id, definition.type, scope, member, values, all)
    })
  }

  /** Keeps the alerts that stages raised in a block that is not reported. */
  hold({ id: stage, definition }: PlannedStage, outcomes: readonly ScopeOutcome[]): void {
    for (const { scope, outcome } of outcomes) {
      for (const alert of outcome.alerts ?? []) {
        if (this.held.length < mostHeld) {
          this.held.push({ stage, scope, ...alertOf(alert, definition) })
        }
      }
    }
  }

  /** The summary of how the run ended, with all alerts that no summary has carried yet. */
  end(standing: Standing, values: AnyValues, alerts: readonly Alert[]): Summary {
    const { type } = runSpec
    return this.#summary(standing, type, type, 'model', 0, values, [...this.#noticed(), ...alerts])
  }

  #takeHeld(stage: string, scope: string): Alert[] {
    const own = this.held.filter((alert) => alert.stage === stage && alert.scope === scope)
    const rest = this.held.filter((alert) => !own.includes(alert))
    this.held.splice(0, Infinity, ...rest)
    return own.map(({ id, level, message }) => ({ id, level, message }))
  }

  #noticed(): Alert[] {
    const noticed = this.#notices.take().map((notice) => alertOf(notice, this.#speaker))
    return [...this.alerts.splice(0), ...noticed]
  }

  #summary(
    { step, epoch, frames }: Standing,
    stage: string,
    type: string,
    scope: string,
    member: number,
    values: AnyValues,
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

/** The alert for a notice, at the level that the stage declares for it. */
function alertOf({ condition, message }: Notice, definition: StageDefinition | undefined): Alert {
  const { type = 'frames', alerts = {} } = definition ?? {}
  return { id: `${type}/${condition}`, level: alerts[condition]?.level ?? 'warn', message }
}
