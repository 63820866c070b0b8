import type { Alert, AnalysedBlock, Summary } from '../../engine/summary.ts'

/** What a run's table is made of: the latest of everything, and where the trainer's figures began. */
export class Overview {
  readonly run: string
  /** Latest summaries by stage, in the order in which stages first spoke. */
  readonly stages = new Map<string, Map<string, Summary>>()
  readonly firstMetrics = new Map<number, Summary>()
  readonly lastMetrics = new Map<number, Summary>()
  readonly alerts = new Map<string, Alert & { count: number; step: number }>()
  end: Summary | undefined

  constructor(run: string) {
    this.run = run
  }

  add({ summaries }: AnalysedBlock): void {
    for (const summary of summaries) {
      for (const alert of summary.alerts) {
        const count = (this.alerts.get(alert.id)?.count ?? 0) + 1
        this.alerts.set(alert.id, { ...alert, count, step: summary.step })
      }
      if (summary.type === 'run') this.end = summary
      else if (summary.type === 'metrics') this.#addMetrics(summary)
      else this.#addStage(summary)
    }
  }

  #addMetrics(summary: Summary): void {
    if (!this.firstMetrics.has(summary.member)) this.firstMetrics.set(summary.member, summary)
    this.lastMetrics.set(summary.member, summary)
  }

  #addStage(summary: Summary): void {
    const scopes = this.stages.get(summary.stage) ?? new Map<string, Summary>()
    this.stages.set(summary.stage, scopes.set(summary.scope, summary))
  }
}
