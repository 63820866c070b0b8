import { metricsSpec } from '../../engine/run/specs.ts'
import type { AnalysedBlock, Summary } from '../../engine/summary.ts'

/** Most runs that are kept, the last to speak. */
const mostRuns = 16

/** What was said last of a run. */
export interface LatestRun {
  readonly run: string
  /** Where it was read, such as a file; empty of what is told as it goes on. */
  readonly origin: string
  step: number
  /** Of each stage, scope and member. */
  readonly summaries: Map<string, Summary>
  /** How often each alert came, by stage and id. */
  readonly alerts: Map<string, { stage: string; id: string; level: string; count: number }>
}

/** The newest summaries of the last runs, for whoever asks. */
export class Latest {
  readonly #runs = new Map<string, LatestRun>()

  get runs(): readonly LatestRun[] {
    return [...this.#runs.values()]
  }

  /** @param origin where it was read; runs of one name from elsewhere are others */
  add({ run: name, summaries }: Pick<AnalysedBlock, 'run' | 'summaries'>, origin = ''): void {
    const key = JSON.stringify([name, origin])
    const run: LatestRun = this.#runs.get(key) ?? {
      run: name,
      origin,
      step: 0,
      summaries: new Map(),
      alerts: new Map(),
    }
    // The last to speak stands last.
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

/** A summary that came later; of the trainer's figures it has those alone that came since. */
function over(before: Summary, { values, ...summary }: Summary): Summary {
  const isTrainers = summary.type === metricsSpec.type
  return { ...summary, values: isTrainers ? { ...before.values, ...values } : values }
}
