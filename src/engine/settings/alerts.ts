import { type KnownFigures, ruleFaults } from '../../rules/check.ts'
import { type Expression, namesIn, type RuleFault } from '../../rules/expression.ts'
import { parseRule } from '../../rules/parse.ts'
import type { Rule } from '../../rules/watch.ts'
import type { Options } from '../../spec/fields.ts'
import type { Figures } from '../../spec/figures.ts'
import type { Path } from '../../spec/path.ts'
import { type Problem, problem } from '../../spec/problem.ts'
import type { Level } from '../../stage/define.ts'
import { metricsSpec, runSpec } from '../run/specs.ts'
import type { settingsFields } from './fields.ts'
import type { ParsedStage } from './settings.ts'

/** Levels of alerts by id. */
export type Levels = Readonly<Record<string, Level | 'off'>>

/** The `alerts` of a pipeline, parsed. */
export interface ReadAlerts {
  readonly levels: Levels
  readonly rules: readonly Rule[]
  /** Where each level's id is written in the configuration. */
  readonly places: readonly { readonly id: string; readonly path: Path; readonly atKey?: true }[]
  readonly problems: readonly Problem[]
}

/** Parses `alerts`: levels, and rules over the figures of these stages. */
export function readAlerts(alerts: Written, stages: readonly ParsedStage[]): ReadAlerts {
  if (!isList(alerts)) {
    const ids = Object.keys(alerts)
    const places = ids.map((id) => ({ id, path: ['alerts', id], atKey: true as const }))
    return { levels: alerts, rules: [], places, problems: [] }
  }
  const known = figuresOfStages(stages)
  const levels: Record<string, Level | 'off'> = {}
  const places: { id: string; path: Path }[] = []
  const rules: Rule[] = []
  const problems: Problem[] = []
  for (const [i, { id, when, for: times, level }] of alerts.entries()) {
    const path = ['alerts', i]
    if (id === undefined) continue // the parser has already reported this
    if (when === undefined) {
      if (level === undefined) problems.push(problem(path, 'sets nothing. Give "level" or "when".'))
      else levels[id] = level
      places.push({ id, path: [...path, 'id'] })
      continue
    }
    const { condition, found } = conditionOf(when, known, stages)
    problems.push(...idProblems(id, [...path, 'id'], rules))
    problems.push(...found.map((message) => problem([...path, 'when'], message)))
    if (condition && level !== 'off') {
      rules.push({ id, when, for: times, level: level ?? 'warn', condition })
    }
  }
  return { levels, rules, places, problems }
}

type Written = Options<typeof settingsFields>['alerts']

function isList(alerts: Written): alerts is Extract<Written, readonly unknown[]> {
  return Array.isArray(alerts)
}

function idProblems(id: string, path: Path, earlier: readonly Rule[]): Problem[] {
  if (!/^[a-z0-9-]+$/.test(id)) {
    return [
      problem(path, `"${id}" is not of small letters, digits and hyphens, as a rule's id is.`),
    ]
  }
  if (!earlier.some((rule) => rule.id === id)) return []
  return [problem(path, `"${id}" is the id of an earlier rule. Give this one another.`)]
}

/** A rule's expression tree, and everything that is wrong with it. */
function conditionOf(
  when: string,
  known: KnownFigures,
  stages: readonly ParsedStage[]
): { readonly condition?: Expression; readonly found: readonly string[] } {
  const parsed = parseRule(when)
  const said = ({ at, message }: RuleFault) => `at character ${at + 1}: ${message}`
  if ('fault' in parsed) return { found: [said(parsed.fault)] }
  const { expression } = parsed
  const faults = ruleFaults(expression, known).map(said)
  return { condition: expression, found: [...faults, ...scopeFaults(expression, stages)] }
}

/** Reports stages of a rule whose scopes never match. */
function scopeFaults(condition: Expression, stages: readonly ParsedStage[]): string[] {
  const named = new Set(namesIn(condition).map(({ stage }) => stage))
  const split = stages.filter(({ id, per }) => named.has(id) && per !== 'model')
  const other = split.find(({ per }) => per !== split[0]!.per)
  if (!other) return []
  const [first] = split as [ParsedStage]
  return [
    `"${first.id}" has figures per ${first.per}, "${other.id}" per ${other.per}, and no summary has both. Write a rule for each.`,
  ]
}

/** The known figures: those of these stages by stage id, those of the run, and the trainer's, whose names are not known in advance. */
export function figuresOfStages(stages: readonly ParsedStage[]): KnownFigures {
  return new Map<string, Figures | ((name: string) => Figures[string])>([
    ...stages.map(({ id, definition }) => [id, definition.figures] as const),
    ['metrics', () => metricsSpec.any],
    ['run', runSpec.figures],
  ])
}
