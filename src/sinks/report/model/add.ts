import type { Summary } from '../../../engine/summary.ts'
import type { AnyValues, Figure, Figures } from '../../../spec/figures.ts'
import { addAlerts, addStanding } from './lanes.ts'
import { knownNumber, pointsOf } from './parts.ts'
import type { Heard, Picture, RunPicture, ScopePicture, SectionPicture } from './picture.ts'
import { runOf } from './runs.ts'
import { addPoint, type Known, newSeries } from './series.ts'

/** Limits of what is kept, such as the buckets of a series or the scopes of a stage. */
const most = {
  metricBuckets: 1024,
  wholeBuckets: 256,
  partBuckets: 48,
  followedScopes: 128,
  scopes: 1024,
  metrics: 32,
  members: 16,
  points: 1024,
}

export function newPicture(): Picture {
  return { told: {}, runs: [], listed: [], came: 0, heard: 0 }
}

/** Adds a run's summary to the picture. A summary of an unknown type is left out. */
export function addHeard(picture: Picture, { summary, said, origin, standing = [] }: Heard): void {
  const run = runOf(picture, summary, origin)
  if (!run) return
  run.from = Math.min(run.from, summary.step)
  run.step = Math.max(run.step, summary.step)
  addStanding(run.alerts, standing, summary.step)
  if (summary.type === 'metrics') addMetrics(run, summary)
  else if (summary.type === 'run') addEnd(run, summary)
  else addStage(picture, run, summary, said)
}

function addEnd(run: RunPicture, summary: Summary): void {
  run.end = { values: summary.values, environment: summary.environment }
  addAlerts(run.alerts, summary, undefined)
}

function addStage(picture: Picture, run: RunPicture, summary: Summary, said: Heard['said']): void {
  const told = Object.hasOwn(picture.told, summary.type) ? picture.told[summary.type] : undefined
  if (!told) return
  const scope = scopeOf(sectionOf(run, summary), summary)
  addAlerts(run.alerts, summary, scope && { ids: scope.alerts, step: scope.step })
  if (!scope) return
  if (scope.series) addPoint(scope.series, summary.step, pointsOf(told.figures, summary.values))
  scope.step = summary.step
  scope.said = said
  scope.alerts = summary.alerts.map(({ id }) => id)
  scope.values = kept(told.figures, summary.values, scope.series?.most === most.wholeBuckets)
}

function sectionOf(run: RunPicture, { stage, type, member }: Summary): SectionPicture {
  const known = run.sections.find((one) => one.stage === stage && one.member === member)
  if (known) return known
  const created = { stage, type, member, scopes: [], left: 0 }
  run.sections.push(created)
  return created
}

function scopeOf(section: SectionPicture, { scope, step }: Summary): ScopePicture | undefined {
  const { scopes } = section
  const known = scopes.find((one) => one.scope === scope)
  if (known) return known
  if (scopes.length === most.scopes) {
    section.left++
    return undefined
  }
  const buckets = scopes.length === 0 ? most.wholeBuckets : most.partBuckets
  const isFollowed = scopes.length < most.followedScopes
  const series = isFollowed ? { series: newSeries(buckets) } : {}
  const created = { scope, step, values: {}, said: [], alerts: [], ...series }
  scopes.push(created)
  return created
}

function addMetrics(run: RunPicture, summary: Summary): void {
  const { member, step, values } = summary
  addAlerts(run.alerts, summary, undefined)
  let own = run.metrics.find((one) => one.member === member)
  if (!own) {
    if (run.metrics.length === most.members) return
    own = { member, series: newSeries(most.metricBuckets), names: [], last: [] }
    run.metrics.push(own)
  }
  const points: [string, Known][] = []
  for (const [name, value] of Object.entries(values)) {
    let at = own.names.indexOf(name)
    if (at < 0) {
      if (own.names.length === most.metrics) continue
      at = own.names.push(name) - 1
    }
    if (typeof value === 'number') own.last[at] = { value, step }
    points.push([String(at), knownNumber(value)])
  }
  addPoint(own.series, step, points)
}

/** The values that are kept: long lines are thinned, and only the first scope keeps its large figures. */
function kept(figures: Figures, values: AnyValues, isFirst: boolean): AnyValues {
  const pairs = Object.entries(values).flatMap(([name, value]) => {
    const figure = Object.hasOwn(figures, name) ? figures[name] : undefined
    if (figure && !isFirst && !isSmall(figure)) return []
    return [[name, figure?.kind === 'steps' ? thinned(value) : value]]
  })
  return Object.fromEntries(pairs)
}

function isSmall({ kind }: Figure): boolean {
  return ['scalar', 'share', 'count', 'interval', 'rank', 'verdict'].includes(kind)
}

/** Reduces lines over steps to at most `most.points` points. */
function thinned(value: unknown): unknown {
  const { steps, values } = (value ?? {}) as { steps?: number[]; values?: Known[][] }
  if (!steps || !values || steps.length <= most.points) return value
  const series = newSeries(most.points)
  steps.forEach((step, i) => {
    addPoint(
      series,
      step,
      values.map((line, j) => [String(j), line[i] ?? null])
    )
  })
  return { steps: series.steps, values: values.map((_, j) => series.lines[j]!.high) }
}
