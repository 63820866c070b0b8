import type { Alert, AnalysedBlock, Summary } from '../../engine/summary.ts'

/** A figure of the trainer, and where it stood. */
export interface Figure {
  readonly value: number
  readonly step: number
}

/** What a run's table is made of: the latest of everything, and where the trainer's figures began. */
export class Overview {
  readonly run: string
  /** Latest summaries by stage, in the order in which stages first spoke. */
  readonly stages = new Map<string, Map<string, Summary>>()
  /** By member and name: a summary has those alone that came since the one before. */
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
