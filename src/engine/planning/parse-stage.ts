import type { AnyOptions, Options } from '../../spec/fields.ts'
import { type Elsewhere, parseOptions } from '../../spec/parse.ts'
import type { Path } from '../../spec/path.ts'
import type { Problem } from '../../spec/problem.ts'
import { stageFields } from '../settings.ts'
import type { Sketching, StageDefinition, StageValue } from '../stage.ts'

type Common = Options<typeof stageFields>

/** A stage's options with their defaults, those common to all stages apart from its own. */
export interface ParsedStage extends Common {
  readonly id: string
  readonly definition: StageDefinition
  readonly options: AnyOptions
  readonly problems: readonly Problem[]
}

/** What a stage makes of a sketch. */
export function sketchingOf({ definition, options }: ParsedStage): Sketching {
  return definition.sketching?.(options) ?? 'never'
}

/** Reads a stage's options; finds all problems in one pass. */
export function parseStage(
  value: StageValue,
  block: number,
  path: Path,
  elsewhere?: Elsewhere
): ParsedStage {
  const { definition } = value
  const fields = { ...stageFields, ...definition.options }
  const own = parseOptions(fields, value.options, path, elsewhere)
  const { id, per, member, on, select, ...options } = own.value
  const checked = own.problems.length === 0 ? (definition.check?.(options, block, on) ?? []) : []
  const problems = checked.map((problem) => ({ ...problem, path: [...path, ...problem.path] }))
  return {
    id: id ?? definition.type,
    per,
    member,
    on,
    select,
    definition,
    options,
    problems: [...own.problems, ...problems],
  }
}
