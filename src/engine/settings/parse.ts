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

/** A stage as it is written in the configuration, and its place there. */
export interface WrittenStage extends StageValue {
  readonly path: Path
}

export interface ParsedStages {
  readonly stages: readonly ParsedStage[]
  readonly problems: readonly Problem[]
}

/** All options of a stage: its own and those that every stage has. */
export function optionsOf(definition: StageDefinition): Fields {
  const { placement = 'rows', per = placement === 'rows' ? 'model' : 'tensor' } = definition
  return {
    ...stageFields,
    per: { ...stageFields.per, default: per },
    ...ownFieldsOf(definition),
  } as Fields
}

/**
 * Parses the options of a run's stages, in order. Finds all problems in one pass.
 *
 * @param always stages that run even if they are not listed; unlisted ones come first, and listing one sets its options
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
  // A stage that reads a faulty stage is not checked against it.
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
      ...rest
    } = parsed.value as unknown as Common
    // For a stage on rows, `look` is one of its own options.
    const { look, ...others } = rest
    const isOwn = (definition.placement ?? 'rows') === 'rows'
    const own = isOwn ? rest : others
    const common = { id, per, member, on, select, ...(!isOwn && look && { look }) }
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
 * Parses options and stages as a program writes them into settings.
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
