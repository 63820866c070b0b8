import type { Summary, SummarySpecs } from '../../engine/summary.ts'
import type { AnyValues, Figure, Figures } from '../../spec/figures.ts'
import { known } from '../../spec/values.ts'
import type { Level, Sentence } from '../../stage/define.ts'
import { list } from '../table/cells.ts'
import type { Overview } from '../table/overview.ts'

/** How many values of a list over ranks are kept. */
const mostRanks = 16
/** How many scopes of a stage are kept: the first ones. */
const mostScopes = 32

/** The result of a run, for a person, a script or an agent. `summary.json` holds one for each run. */
export interface Gist {
  readonly run: string
  /** `running`, or how it ended. */
  readonly end: string
  readonly step: number
  /** Sentences, the most serious first. */
  readonly says: readonly (Sentence & { readonly stage: string; readonly scope: string })[]
  /** Each alert once, with the number of times it came and its last step. The most serious come first. */
  readonly alerts: readonly {
    readonly id: string
    readonly level: Level
    readonly count: number
    readonly step: number
    readonly message: string
  }[]
  readonly metrics: readonly {
    readonly name: string
    readonly member: number
    readonly first: number | null
    readonly last: number | null
    readonly step: number
  }[]
  readonly stages: readonly {
    readonly stage: string
    readonly type: string
    readonly scope: string
    readonly member: number
    readonly step: number
    /** The single figures, and the first values of figures over rank. */
    readonly figures: AnyValues
  }[]
}

const gravity: Readonly<Record<Level, number>> = { error: 0, warn: 1, info: 2 }

/** Sorts by level, the most serious first; otherwise the order is kept. */
function graveFirst<T extends { readonly level: Level }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => gravity[a.level] - gravity[b.level])
}

/** The gist of a run up to now. */
export function gistOf(overview: Overview, specs: SummarySpecs): Gist {
  const summaries = [...overview.stages.values()].flatMap((scopes) =>
    [...scopes.values()].slice(0, mostScopes)
  )
  const all = overview.end ? [...summaries, overview.end] : summaries
  const says = all.flatMap(({ type, stage, scope, values }) => {
    const spec = specs.get(type)
    const said = spec?.says(known(spec.figures, values)) ?? []
    return said.map((sentence) => ({ ...sentence, stage, scope }))
  })
  return {
    run: overview.run,
    end: String(overview.end?.values.end ?? 'running'),
    step: Math.max(0, ...all.map(({ step }) => step)),
    says: graveFirst(says),
    alerts: graveFirst([...overview.alerts.values()]).map(
      ({ id, level, count, step, message }) => ({
        id,
        level,
        count,
        step,
        message,
      })
    ),
    metrics: [...overview.metrics].flatMap(([member, figures]) =>
      [...figures].map(([name, { first, last }]) => ({
        name,
        member,
        first: finite(first.value),
        last: finite(last.value),
        step: last.step,
      }))
    ),
    stages: all.map((summary) => stageOf(summary, specs.get(summary.type)?.figures ?? {})),
  }
}

function stageOf({ stage, type, scope, member, step, values }: Summary, figures: Figures) {
  const shown = Object.entries(figures).flatMap(([name, figure]): [string, unknown][] => {
    const value = values[name]
    if (value === undefined) return []
    const short = shortOf(figure, value)
    return short === undefined ? [] : [[name, short]]
  })
  return { stage, type, scope, member, step, figures: Object.fromEntries(shown) }
}

/** A value that is short enough. Undefined for a table, a series or a matrix. */
function shortOf(figure: Figure, value: unknown): unknown {
  switch (figure.kind) {
    case 'scalar':
    case 'share':
    case 'count':
      return finite(value)
    case 'verdict':
    case 'text':
      return value
    case 'interval':
    case 'rank':
      return value === null ? null : list(value).slice(0, mostRanks).map(finiteOrPair)
    default:
      return undefined
  }
}

function finiteOrPair(value: unknown): unknown {
  return Array.isArray(value) ? value.map(finite) : finite(value)
}

function finite(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
