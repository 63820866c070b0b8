import { readAlerts } from '../engine/settings/alerts.ts'
import { settingsFields } from '../engine/settings/fields.ts'
import { parseStages } from '../engine/settings/parse.ts'
import type { Settings } from '../engine/settings/settings.ts'
import {
  boolean,
  type Fields,
  integer,
  list,
  type Options,
  object,
  string,
} from '../spec/fields.ts'
import { nearest } from '../spec/nearest.ts'
import { alike, type Elsewhere, isObject, parseOptions } from '../spec/parse.ts'
import { type Problem, problem, throwErrors } from '../spec/problem.ts'
import type { StageValue } from '../stage/define.ts'
import { always } from '../stages/always.gen.ts'
import { alertProblems } from './alert-ids.ts'
import { type Found, findComponent, findComponents, ownersOf } from './component.ts'
import type { SinkValue } from './sink.ts'
import type { SourceValue } from './source.ts'

/** The components that a pipeline may name, such as `{ stages: [svd(), cmd()], ... }`. Their options don't matter. */
export interface Registry {
  readonly stages: readonly StageValue[]
  readonly sources: readonly SourceValue[]
  readonly sinks: readonly SinkValue[]
}

export interface Pipeline {
  readonly settings: Settings
  /** Absent if the pipeline names none. Then the caller chooses. */
  readonly source?: SourceValue
  readonly sinks?: readonly SinkValue[]
  readonly checkpoint: Options<typeof checkpointFields>
  readonly threads: boolean
}

/** Where and how often a run's state is saved, so that the run can continue in another process. */
const checkpointFields = {
  path: string({
    description: 'file that the state is written to; without it no state is written',
  }),
  every: integer({
    description: 'blocks from one checkpoint to the next',
    unit: 'blocks',
    min: 1,
    default: 64,
  }),
} as const

/** A pipeline's keys besides `source`, `stages` and `sinks`. */
export const pipelineFields = {
  $schema: string({ description: 'where editors find the schema' }),
  name: string({ description: 'name of the pipeline' }),
  description: string({ description: 'what it is for, in a sentence' }),
  checkpoint: object(checkpointFields, {
    description: 'state in a file, from which `thalweg run --resume` continues',
  }),
  use: list(string({ description: 'path of a JavaScript module' }), {
    description:
      'local modules whose stages, sources and sinks this pipeline may name; `thalweg run` loads them, nothing else does',
    default: [],
  }),
  threads: boolean({
    description: 'run every shard in a thread of its own; the figures are the same',
    default: false,
  }),
  ...settingsFields,
} as const

/**
 * Parses a pipeline's JSON and finds all mistakes in it. The pipeline can run if no problem is an error.
 *
 * @example
 * ```ts
 * const { problems } = lintPipeline(JSON.parse(text), registry)
 * for (const { level, path, message } of problems) console.log(level, path, message)
 * ```
 */
export function lintPipeline(
  input: unknown,
  registry: Registry
): { readonly pipeline: Pipeline; readonly problems: readonly Problem[] } {
  const { source, stages, sinks, ...rest } = isObject(input) ? input : {}
  const top = parseOptions(pipelineFields, isObject(input) ? rest : input, [], inside(registry))
  const {
    $schema: _schema,
    description: _description,
    use,
    checkpoint,
    threads,
    ...settings
  } = top.value
  const problems = [...top.problems]
  if (use.length > 0) {
    const message =
      'only the command line loads modules. Leave "use" out and give their components in the registry.'
    problems.push(problem(['use'], message))
  }

  const parsedSource = findComponent(source, ['source'], registry.sources, problems)
  const found = findComponents(stages, ['stages'], registry.stages, problems)
  const parsedStages = parseStages(found, always, settings, outside)
  const parsedSinks = findComponents(sinks, ['sinks'], registry.sinks, problems)
  problems.push(...parsedStages.problems)
  const {
    levels,
    rules,
    places,
    problems: ofAlerts,
  } = readAlerts(settings.alerts, parsedStages.stages)
  problems.push(
    ...ofAlerts,
    ...alertProblems(places, [...registry.stages, ...always.map((definition) => ({ definition }))])
  )
  const parsed = <D extends { options: Fields }>({ definition, options, path }: Found<D>) => {
    const own = parseOptions(definition.options, options, path, outside)
    problems.push(...own.problems)
    return { definition, options: own.value }
  }
  const pipeline = {
    settings: { ...settings, alerts: levels, rules, stages: parsedStages.stages },
    source: parsedSource && parsed(parsedSource),
    sinks: sinks === undefined ? undefined : parsedSinks.map(parsed),
    checkpoint,
    threads,
  }
  return { pipeline, problems }
}

/**
 * Parses the JSON of a pipeline.
 *
 * @throws E_CONFIG, or the first problem's code, with all problems in its message
 *
 * @example
 * ```ts
 * const pipeline = parsePipeline({ stages: [{ type: 'svd', rank: 8 }] }, registry)
 * ```
 */
export function parsePipeline(input: unknown, registry: Registry): Pipeline {
  const { pipeline, problems } = lintPipeline(input, registry)
  throwErrors(problems, 'pipeline')
  return pipeline
}

/** A hint for a key at the top level that is a component's option, or a misspelt list of components. */
function inside(registry: Registry): Elsewhere {
  const lists = ['source', 'stages', 'sinks']
  return (key) => {
    const list = nearest(key, lists)
    if (list !== undefined) return `Did you mean "${list}"?`
    const owners = ownersOf(key, [...registry.stages, ...registry.sources, ...registry.sinks])
    if (owners !== '') return `It belongs one level down, to ${owners}.`
    return alike(key, [...lists, ...Object.keys(pipelineFields)])
  }
}

/** A hint for a component's key that belongs to the pipeline. */
const outside: Elsewhere = (key) =>
  Object.hasOwn(pipelineFields, key) ? 'It belongs one level up, at the top.' : undefined
