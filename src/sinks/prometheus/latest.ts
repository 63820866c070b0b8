import { metricsSpec } from '../../engine/run/specs.ts'
import type { AnalysedBlock, Summary } from '../../engine/summary.ts'

/** How many runs are kept at most: those with the latest summaries. */
const mostRuns = 16

/** The latest summaries of a run. */
export interface LatestRun {
  readonly run: string
  /** The place where it was read, such as a file. Empty for a run that is being analysed. */
  readonly origin: string
  step: number
  /** The newest summary of each stage, scope and member. */
  readonly summaries: Map<string, Summary>
  /** How often each alert came, by stage, id and level. */
  readonly alerts: Map<string, { stage: string; id: string; level: string; count: number }>
}

/** Keeps the newest summaries of the last runs. */
export class Latest {
  readonly #runs = new Map<string, LatestRun>()

  get runs(): readonly LatestRun[] {
    return [...this.#runs.values()]
  }

  /** @param origin where the summaries were read; runs of the same name from other places are separate */
  add({ run: name, summaries }: Pick<AnalysedBlock, 'run' | 'summaries'>, origin = ''): void {
    const key = JSON.stringify([name, origin])
    const run: LatestRun = this.#runs.get(key) ?? {
      run: name,
      origin,
      step: 0,
      summaries: new Map(),
      alerts: new Map(),
    }
    // The run with the newest summary comes last.
    this.#runs.delete(key)
    this.#runs.set(key, run)
    if (this.#runs.size > mostRuns) this.#runs.delete(this.#runs.keys().next().value!)
    for (const summary of summaries) {
      run.step = Math.max(run.step, summary.step)
      const { stage, scope, member } = summary
      const key = JSON.stringify([stage, scope, member])
      const before = run.summaries.get(key)
      run.summaries.set(key, before ? over(before, summary) : summary)
      for (const { id, level } of summary.alerts) {
        const own = JSON.stringify([stage, id, level])
        const count = (run.alerts.get(own)?.count ?? 0) + 1
        run.alerts.set(own, { stage, id, level, count })
      }
    }
  }
}

/**
 * Replaces a summary with a later one. A summary of the trainer's figures has only those since the last summary, so the others
 * are kept.
 */
function over(before: Summary, { values, ...summary }: Summary): Summary {
  const isTrainers = summary.type === metricsSpec.type
  return { ...summary, values: isTrainers ? { ...before.values, ...values } : values }
}
