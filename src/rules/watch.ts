import type { Alert, StandingAlert, Summary } from '../engine/summary.ts'
import type { Level } from '../stage/define.ts'
import { amount } from '../stage/words.ts'
import { evaluate, partOf, type Value } from './evaluate.ts'
import { type Expression, namesIn } from './expression.ts'

/** A parsed rule of a pipeline. It is plain data. */
export interface Rule {
  /** The alert's id is `rule/<id>`. */
  readonly id: string
  readonly when: string
  readonly for: number
  readonly level: Level
  readonly condition: Expression
}

/** The state of a rule in one scope. */
interface Standing {
  /** Its alert, if it was raised and not withdrawn. */
  raised?: { readonly message: string; readonly step: number } | undefined
  /** Number of summaries in a row that contradict the current state. */
  against: number
  /** The last known values, by name. */
  readonly values: Record<string, Value>
}

/** The state of a run's rules, by rule and scope: plain data, saved with the run. */
export type RulesState = Record<string, Record<string, Standing>>

const model = 'model'

/** Checks a run's summaries against the rules. */
export class RuleWatch {
  readonly state: RulesState = {}
  readonly #rules: readonly Rule[]

  constructor(rules: readonly Rule[]) {
    this.#rules = rules
  }

  /** Restores a saved state. Rules that the pipeline no longer has are dropped. */
  resume(saved: RulesState): void {
    for (const { id, when } of this.#rules) {
      const key = keyOf(id, when)
      if (Object.hasOwn(saved, key)) this.state[key] = saved[key]!
    }
  }

  /** The alerts that stand. */
  get standing(): readonly StandingAlert[] {
    return this.#rules.flatMap(({ id, when, level }) =>
      Object.entries(this.state[keyOf(id, when)] ?? {}).flatMap(([scope, { raised }]) => {
        if (!raised) return []
        const { message, step } = raised
        return [{ alert: { id: `rule/${id}`, level, message }, scope, step }]
      })
    )
  }

  /** The summaries of one moment, with the alerts that the rules raise added. */
  applied(summaries: readonly Summary[]): readonly Summary[] {
    const raised = new Map<Summary, Alert[]>()
    for (const rule of this.#rules) {
      for (const [summary, alert] of this.#raised(rule, summaries)) {
        raised.set(summary, [...(raised.get(summary) ?? []), alert])
      }
    }
    if (raised.size === 0) return summaries
    return summaries.map((summary) => {
      const own = raised.get(summary)
      return own === undefined ? summary : { ...summary, alerts: [...summary.alerts, ...own] }
    })
  }

  #raised(rule: Rule, summaries: readonly Summary[]): [Summary, Alert][] {
    const names = namesIn(rule.condition)
    const key = keyOf(rule.id, rule.when)
    this.state[key] ??= {}
    const scopes = this.state[key]
    /** The last summary of each scope. It carries the alert. */
    const touched = new Map<string, Summary>()
    for (const summary of summaries) {
      if (summary.member !== 0 && summary.stage === 'metrics') continue
      for (const { stage, path, text } of names) {
        if (stage !== summary.stage) continue
        const [name] = path
        // A summary of metrics contains only the figures that came.
        if (stage === 'metrics' && !Object.hasOwn(summary.values, name!)) continue
        scopes[summary.scope] ??= { against: 0, values: {} }
        scopes[summary.scope]!.values[text] = partOf(summary.values, path)
        touched.set(summary.scope, summary)
      }
    }
    const isSplit = Object.keys(scopes).some((scope) => scope !== model)
    return [...touched].flatMap(([scope, summary]): [Summary, Alert][] => {
      // If a rule is about tensors or groups, the model's figures count in each of their scopes.
      if (isSplit && scope === model) return []
      const standing = scopes[scope]!
      const values = { ...scopes[model]?.values, ...standing.values }
      const holds = evaluate(rule.condition, ({ text }) => values[text]) as boolean | undefined
      if (!turns(standing, holds, rule.for)) return []
      const shown = [...new Set(names.map(({ text }) => text))].map(
        (text) => `${text} is ${inWords(values[text])}`
      )
      const row = rule.for > 1 ? ` held ${rule.for} times in a row` : ' holds'
      const message = `${rule.when}${row}: ${shown.join(', ')}`
      standing.raised = { message, step: summary.step }
      return [[summary, { id: `rule/${rule.id}`, level: rule.level, message }]]
    })
  }
}

/**
 * Counts a value, and withdraws the alert if it no longer holds. Returns true if the value raises the alert. An unknown value does
 * not count.
 */
function turns(standing: Standing, holds: boolean | undefined, times: number): boolean {
  if (holds === undefined) return false
  const isUp = standing.raised !== undefined
  standing.against = holds === isUp ? 0 : standing.against + 1
  if (standing.against < times) return false
  standing.against = 0
  if (!holds) standing.raised = undefined
  return holds
}

function inWords(value: Value): string {
  if (typeof value === 'number') return amount(value)
  if (Array.isArray(value)) return `a list of ${value.length}`
  return value === undefined ? 'not known' : JSON.stringify(value)
}

/** The key of a rule's state. It contains the condition, so that a rewritten rule starts afresh. */
function keyOf(id: string, when: string): string {
  return `${id} ${when}`
}
