import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ThalwegError } from '../error.ts'
import type { Registry } from '../pipeline/pipeline.ts'
import type { SinkFactory } from '../pipeline/sink.ts'
import type { SourceFactory } from '../pipeline/source.ts'
import type { Fields } from '../spec/fields.ts'
import { isObject } from '../spec/parse.ts'
import { type Problem, problem } from '../spec/problem.ts'
import type { StageFactory } from '../stage/define.ts'

/** A pipeline's JSON without its `use`, and the components that it may name. */
export interface Used {
  readonly input: unknown
  readonly registry: Registry
  readonly problems: readonly Problem[]
}

/**
 * Loads the modules in a pipeline's `use`. If it is not a list of strings, it is left for the check of the pipeline.
 *
 * @param shipped components that the pipeline may name in any case
 */
export async function loadUsed(input: unknown, shipped: Registry): Promise<Used> {
  const { use, ...rest } = isObject(input) ? input : {}
  const isList = Array.isArray(use) && use.every((path) => typeof path === 'string')
  if (!isList) return { input, registry: shipped, problems: [] }
  const problems: Problem[] = []
  const registries: Registry[] = [shipped]
  for (const [i, path] of use.entries()) {
    try {
      const loaded = await loadModule(moduleUrl(path))
      problems.push(...takenTypes(loaded, registries).map((text) => problem(['use', i], text)))
      registries.push(loaded)
    } catch (error) {
      problems.push(problem(['use', i], messageOf(error)))
    }
  }
  const all = <K extends keyof Registry>(kind: K) =>
    registries.flatMap((registry) => registry[kind] as readonly unknown[])
  const registry = { stages: all('stages'), sources: all('sources'), sinks: all('sinks') }
  return { input: rest, registry: registry as unknown as Registry, problems }
}

/** Types that exist already. It would not be clear which one a pipeline means. */
function takenTypes(loaded: Registry, registries: readonly Registry[]): string[] {
  return (['stages', 'sources', 'sinks'] as const).flatMap((kind) => {
    const typesOf = (registry: Registry): string[] =>
      registry[kind].map(({ definition }: { definition: { type: string } }) => definition.type)
    const taken = registries.flatMap(typesOf)
    return typesOf(loaded)
      .filter((type) => taken.includes(type))
      .map((type) => `type "${type}" is taken by another of the ${kind}. Give this one another.`)
  })
}

function messageOf(error: unknown): string {
  return error instanceof ThalwegError ? error.message.replace(/ \[E_\w+\]$/, '') : String(error)
}

type Factory = StageFactory<Fields> | SinkFactory<Fields> | SourceFactory<Fields>

const modules = new WeakMap<object, string>()

/** The URL of the module that a component came from. Undefined if it was not loaded by `use`. */
export function moduleOf(definition: object): string | undefined {
  return modules.get(definition)
}

/** The URL of a module file in `use`. */
const moduleUrl = (path: string): string => pathToFileURL(resolve(path)).href

/**
 * The components that a local module exports, under any names. Loading runs code, so only modules that users name on their own
 * command line may come here.
 *
 * @throws E_CONFIG if it cannot be loaded or exports no component
 */
export async function loadModule(url: string): Promise<Registry> {
  let exported: object
  try {
    exported = await import(url)
  } catch (cause) {
    const { message } = cause as Error
    throw new ThalwegError('E_CONFIG', `the module cannot be loaded: ${message}`, { cause })
  }
  const factories = Object.values(exported).filter(isFactory)
  if (factories.length === 0) {
    throw new ThalwegError(
      'E_CONFIG',
      'the module exports no component. Export what defineStage, defineSource or defineSink returns.'
    )
  }
  for (const { definition } of factories) modules.set(definition, url)
  const made = <K extends Factory['kind']>(kind: K) =>
    factories.flatMap((factory) => (factory.kind === kind ? [factory()] : []))
  return {
    stages: made('stage'),
    sources: made('source'),
    sinks: made('sink'),
  } as unknown as Registry
}

function isFactory(value: unknown): value is Factory {
  return typeof value === 'function' && 'definition' in value && 'kind' in value
}
