import { figuresOf, metricsSpec, runSpec } from '../../engine/run/specs.ts'
import type { SummarySpecs } from '../../engine/summary.ts'
import type { Level } from '../../stage/define.ts'
import { type RunSummary, type Stored, summariesOf } from './runs.ts'

/** Limits: the last runs are listed, and for each the first stages, scopes per stage, and metrics. */
const most = { runs: 64, stages: 64, scopes: 16, metrics: 64 }

interface ListedRun {
  readonly run: string
  readonly file: string
  readonly from: number
  step: number
  /** `running`, or how it ended. */
  end: string
  /** How many alerts came, by level. */
  readonly alerts: Record<Level, number>
  readonly stages: Map<string, { readonly type: string; readonly scopes: Set<string> }>
  readonly metrics: Set<string>
}

/** The runs in all files, and what one can ask about each. */
export async function listRuns(stored: Stored): Promise<object> {
  const runs = new Map<string, ListedRun>()
  for await (const found of summariesOf(stored)) {
    const known = runs.get(found.run) ?? newRun(found)
    runs.set(found.run, known)
    add(known, found, stored.specs)
  }
  const told = [...runs.values()].slice(-most.runs).map((own) => toldOf(own, stored.specs))
  return { runs: told, runsInAll: runs.size }
}

function newRun({ run, file, summary: { step } }: RunSummary): ListedRun {
  const alerts = { info: 0, warn: 0, error: 0 }
  const place = { run, file, from: step, step, end: 'running' }
  return { ...place, alerts, stages: new Map(), metrics: new Set() }
}

function add(run: ListedRun, { summary }: RunSummary, specs: SummarySpecs): void {
  const { stage, type, scope, step, values, alerts } = summary
  run.step = Math.max(run.step, step)
  for (const { level } of alerts) run.alerts[level]++
  if (type === runSpec.type) run.end = String(values.end)
  if (type === metricsSpec.type) {
    for (const name of Object.keys(figuresOf(summary, specs))) run.metrics.add(name)
  }
  const known = run.stages.get(stage) ?? { type, scopes: new Set() }
  run.stages.set(stage, known)
  known.scopes.add(scope)
}

function toldOf({ stages, metrics, ...own }: ListedRun, specs: SummarySpecs): object {
  const told = [...stages].slice(0, most.stages).map(([stage, { type, scopes }]) => ({
    stage,
    type,
    asks:
      specs.get(type)?.asks ??
      'Nothing is known of this stage here: start the server with --pipeline.',
    scopes: [...scopes].slice(0, most.scopes),
    scopesInAll: scopes.size,
  }))
  return { ...own, stages: told, metrics: [...metrics].slice(0, most.metrics) }
}
