import type { Alert, AnalysedBlock, Summary } from '../../engine/summary.ts'

/** A value of the trainer's figure, and its step. */
export interface Figure {
  readonly value: number
  readonly step: number
}

/** The data for a run's table: the latest summaries, and the first and last values of the trainer's figures. */
export class Overview {
  readonly run: string
  /** Latest summaries by stage, in the order in which the stages first appeared. */
  readonly stages = new Map<string, Map<string, Summary>>()
  /** By member and name. A summary has only the metrics that came since the previous one. */
  readonly metrics = new Map<number, Map<string, { readonly first: Figure; last: Figure }>>()
  readonly alerts = new Map<string, Alert & { count: number; step: number }>()
  end: Summary | undefined

  constructor(run: string) {
    this.run = run
  }

  add({ summaries, standing = [] }: AnalysedBlock): void {
    for (const { alert, step } of standing) {
      if (!this.alerts.has(alert.id)) this.alerts.set(alert.id, { ...alert, count: 1, step })
    }
    for (const summary of summaries) this.addSummary(summary)
  }

  addSummary(summary: Summary): void {
    for (const alert of summary.alerts) {
      const count = (this.alerts.get(alert.id)?.count ?? 0) + 1
      this.alerts.set(alert.id, { ...alert, count, step: summary.step })
    }
    if (summary.type === 'run') this.end = summary
    else if (summary.type === 'metrics') this.#addMetrics(summary)
    else this.#addStage(summary)
  }

  #addMetrics({ member, step, values }: Summary): void {
    const known = this.metrics.get(member) ?? new Map()
    this.metrics.set(member, known)
    for (const [name, value] of Object.entries(values)) {
      if (typeof value !== 'number') continue
      const last = { value, step }
      known.set(name, { first: known.get(name)?.first ?? last, last })
    }
  }

  #addStage(summary: Summary): void {
    const scopes = this.stages.get(summary.stage) ?? new Map<string, Summary>()
    this.stages.set(summary.stage, scopes.set(summary.scope, summary))
  }
}
