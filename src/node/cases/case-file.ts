import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { figuresOfStages } from '../../engine/settings/alerts.ts'
import { ThalwegError } from '../../error.ts'
import { findComponent } from '../../pipeline/component.ts'
import type { Pipeline, Registry } from '../../pipeline/pipeline.ts'
import type { SourceValue } from '../../pipeline/source.ts'
import { ruleFaults } from '../../rules/check.ts'
import type { Expression } from '../../rules/expression.ts'
import { parseRule } from '../../rules/parse.ts'
import { list, type Options, object, string } from '../../spec/fields.ts'
import { isObject, parseOptions } from '../../spec/parse.ts'
import type { Path } from '../../spec/path.ts'
import { type Problem, problem, throwErrors } from '../../spec/problem.ts'

const caseFields = {
  name: string({ description: 'what the case is about', required: true }),
  expect: list(string({ description: 'a condition, as in `alerts`' }), {
    description: 'conditions that hold for the last figures of the run, in every scope',
    default: [],
  }),
  raises: list(string({ description: 'id of an alert' }), {
    description: 'alerts that come',
    default: [],
  }),
  never: list(string({ description: 'id of an alert' }), {
    description: 'alerts that do not come',
    default: [],
  }),
} as const

const fileFields = {
  pipeline: string({ description: 'the pipeline, from this file on', required: true }),
  cases: list(object(caseFields, { description: 'a case' }), {
    description: 'the cases',
    required: true,
  }),
} as const

/** A test case of a pipeline: the input frames, and conditions on the output. */
export interface Case extends Omit<Options<typeof caseFields>, 'expect'> {
  readonly source: SourceValue
  readonly expect: readonly { readonly when: string; readonly condition: Expression }[]
}

interface Written {
  readonly pipeline: string
  /** The cases. They are parsed with the pipeline that they test. */
  cases(pipeline: Pipeline, registry: Registry): Case[]
}

/**
 * Reads a file of cases. Paths in it are relative to the file.
 *
 * @throws E_INPUT, or E_CONFIG with all mistakes
 */
export function readCases(file: string): Written {
  const input = jsonOf(file)
  const { cases: written, ...rest } = isObject(input) ? input : {}
  // Each case has a source, with the options of its type.
  const sources = Array.isArray(written)
    ? written.map((one) => (isObject(one) ? one.source : undefined))
    : []
  const bare = Array.isArray(written) ? written.map(withoutSource) : written
  const { value, problems } = parseOptions(
    fileFields,
    isObject(input) ? { ...rest, cases: bare } : input
  )
  throwErrors(problems, file)
  const here = dirname(file)
  return {
    pipeline: /[/\\.]/.test(value.pipeline) ? resolve(here, value.pipeline) : value.pipeline,
    cases(pipeline, registry) {
      const found: Problem[] = []
      const cases = value.cases.map((one, i): Case => {
        const path: Path = ['cases', i]
        const source = sourceOf(sources[i], [...path, 'source'], registry, here, found)
        const expect = one.expect.map((when, j) => ({
          when,
          condition: conditionOf(when, [...path, 'expect', j], pipeline, found),
        }))
        return { ...one, source, expect }
      })
      throwErrors(found, file)
      return cases
    },
  }
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    const { message } = cause as Error
    const code = cause instanceof SyntaxError ? 'E_CONFIG' : 'E_INPUT'
    throw new ThalwegError(code, `cases "${file}" cannot be read: ${message}.`, { cause })
  }
}

function withoutSource(input: unknown): unknown {
  if (!isObject(input)) return input
  const { source: _, ...rest } = input
  return rest
}

function sourceOf(
  input: unknown,
  path: Path,
  registry: Registry,
  here: string,
  problems: Problem[]
): SourceValue {
  const found = findComponent(input ?? {}, path, registry.sources, problems)
  if (!found) return { definition: registry.sources[0]!.definition, options: {} }
  const { value, problems: own } = parseOptions(found.definition.options, found.options, path)
  problems.push(...own)
  const options = value as { readonly path?: unknown }
  const isFile = typeof options.path === 'string'
  const placed = isFile ? { ...options, path: resolve(here, options.path as string) } : options
  return { definition: found.definition, options: placed }
}

function conditionOf(
  when: string,
  path: Path,
  { settings }: Pipeline,
  problems: Problem[]
): Expression {
  const parsed = parseRule(when)
  const faults =
    'fault' in parsed
      ? [parsed.fault]
      : ruleFaults(parsed.expression, figuresOfStages(settings.stages))
  problems.push(
    ...faults.map(({ at, message }) => problem(path, `at character ${at + 1}: ${message}`))
  )
  return 'fault' in parsed ? { kind: 'number', value: 0 } : parsed.expression
}
