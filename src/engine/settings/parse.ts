import type { AnyOptions, Fields } from '../../spec/fields.ts'
import { type Elsewhere, parseOptions } from '../../spec/parse.ts'
import type { Path } from '../../spec/path.ts'
import { type Problem, throwErrors } from '../../spec/problem.ts'
import type { StageDefinition, StageValue } from '../../stage/define.ts'
import { readAlerts } from './alerts.ts'
import { ownFieldsOf, settingsFields, stageFields } from './fields.ts'
import { pairPorts } from './ports.ts'
import { groupProblems, ruleProblems, selectProblems } from './rules.ts'
import type { ParsedStage, PlainSettings, Settings } from './settings.ts'

/** A stage as it is written down, and where. */
export interface WrittenStage extends StageValue {
  readonly path: Path
}

export interface ParsedStages {
  readonly stages: readonly ParsedStage[]
  readonly problems: readonly Problem[]
}

/** All options that a stage has: its own and those of every stage. */
export function optionsOf(definition: StageDefinition): Fields {
  const { placement = 'rows', per = placement === 'rows' ? 'model' : 'tensor' } = definition
  return {
    ...stageFields,
    per: { ...stageFields.per, default: per },
    ...ownFieldsOf(definition),
  } as Fields
}

/**
 * Reads the options of a run's stages, in order; finds all problems in one pass.
 *
 * @param always stages that run unasked: they come first, unless they are listed, which sets their options
 */
export function parseStages(
  written: readonly WrittenStage[],
  always: readonly StageDefinition[],
  settings: PlainSettings,
  elsewhere?: Elsewhere
): ParsedStages {
  const unlisted = always.filter((own) => !written.some(({ definition }) => definition === own))
  const all: WrittenStage[] = [
    ...unlisted.map((definition) => ({ definition, options: {}, path: [] })),
    ...written,
  ]
  const stages: ParsedStage[] = []
  const problems: Problem[] = [...selectProblems(settings)]
  // Whoever reads a stage that is wrong itself is told nothing of it.
  const sound = new Set<ParsedStage>()
  const names = all.map(({ definition, options }) => String(options.id ?? definition.type))
  for (const [i, { definition, options, path }] of all.entries()) {
    const parsed = parseOptions(optionsOf(definition), options, path, elsewhere)
    const {
      id = definition.type,
      per,
      member,
      on,
      select,
      look,
      ...own
    } = parsed.value as unknown as Common
    const common = { id, per, member, on, select, ...(look && { look }) }
    const alone = { ...common, definition, options: own, sources: {}, path }
    const found = [...parsed.problems]
    const paired = pairPorts(alone, stages, sound, names.slice(i + 1), settings.block)
    found.push(...paired.problems)
    const stage: ParsedStage = { ...alone, sources: paired.sources }
    if (parsed.problems.length === 0 && paired.isKnown) {
      const { sources, facts } = paired
      const context = { block: settings.block, facts, sources }
      const checked = definition.check?.(own, context) ?? []
      found.push(...checked.map((problem) => ({ ...problem, path: [...path, ...problem.path] })))
    }
    if (!found.some(({ level }) => level === 'error')) sound.add(stage)
    problems.push(...found, ...ruleProblems(stage, stages, settings))
    stages.push(stage)
  }
  problems.push(...groupProblems(settings, stages))
  return { stages, problems }
}

type Common = Omit<ParsedStage, 'definition' | 'options' | 'sources' | 'path'> & AnyOptions

/**
 * Settings out of options and stages as a program writes them.
 *
 * @throws E_CONFIG, or the first problem's code, with all problems in its message
 */
export function parseSettings(
  options: unknown,
  stages: readonly StageValue[],
  always: readonly StageDefinition[],
  where: string
): Settings {
  const parsed = parseOptions(settingsFields, options)
  const written = stages.map((stage, i) => ({ ...stage, path: ['stages', i] }))
  const own = parseStages(written, always, parsed.value)
  const { levels, rules, problems } = readAlerts(parsed.value.alerts, own.stages)
  throwErrors([...parsed.problems, ...own.problems, ...problems], where)
  return { ...parsed.value, alerts: levels, rules, stages: own.stages }
}
