import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { stageFields } from '../../engine/settings.ts'
import { ThalwegError } from '../../error.ts'
import { pipelineFields } from '../../pipeline/pipeline.ts'
import { optionRows } from '../../spec/docs.ts'
import { boolean, type Fields } from '../../spec/fields.ts'
import { nearest } from '../../spec/nearest.ts'
import { registry } from '../registry.ts'
import { pipelinePath, shippedPipelines } from '../shipped.ts'
import { glossary } from '../text.ts'
import { defineCommand } from './command.ts'

interface Listed {
  readonly kind: 'source' | 'stage' | 'sink'
  readonly type: string
  readonly summary: string
  readonly options: Fields
}

export const list = defineCommand({
  name: 'list',
  summary: 'Lists sources, stages, sinks and shipped pipelines, with their options.',
  positional: { name: '[type]', description: 'show the options of this component alone' },
  options: { json: boolean({ description: 'print JSON', default: false }) },
  examples: ['thalweg list', 'thalweg list svd'],
  run({ json }, [type]) {
    const components = type === undefined ? all() : [find(type)]
    const pipelines = type === undefined ? shippedPipelines() : undefined
    process.stdout.write(
      json
        ? `${JSON.stringify({ schema: 'thalweg.list/1', components: components.map(described), pipelines })}\n`
        : type === undefined
          ? overview(components, pipelines!)
          : components.map(details).join('\n')
    )
    return 0
  },
})

function all(): Listed[] {
  const { sources, stages, sinks } = registry
  return [
    ...sources.map(({ definition }) => ({ kind: 'source' as const, ...definition })),
    ...stages.map(({ definition }) => ({ kind: 'stage' as const, ...definition })),
    ...sinks.map(({ definition }) => ({ kind: 'sink' as const, ...definition })),
  ]
}

function find(type: string): Listed {
  const components = all()
  const found = components.find((component) => component.type === type)
  if (found) return found
  const types = components.map((component) => component.type)
  const near = nearest(type, types)
  const hint = near ? `Did you mean "${near}"?` : `There are: ${types.join(', ')}.`
  throw new ThalwegError('E_USAGE', `list: nothing is called "${type}". ${hint}`)
}

/** A component's options with those that all of its kind have. */
function optionsOf({ kind, options }: Listed): Fields {
  return kind === 'stage' ? { ...options, ...stageFields } : options
}

function described(component: Listed) {
  const { kind, type, summary } = component
  return { kind, type, summary, options: optionsOf(component) }
}

function overview(components: readonly Listed[], pipelines: readonly string[]): string {
  const part = (title: string, rows: [string, string][]) => `${title}\n${glossary(rows)}\n`
  const kinds = ['source', 'stage', 'sink'] as const
  return [
    ...kinds.map((kind) =>
      part(
        `${kind}s`,
        components.filter((c) => c.kind === kind).map(({ type, summary }) => [type, summary])
      )
    ),
    part('options of every stage', optionTable(stageFields)),
    part('options of a pipeline', optionTable(pipelineFields)),
    part(`pipelines, in ${dirname(pipelinePath('default'))}`, pipelines.map(purpose)),
    'thalweg list <type> tells more.\n',
  ].join('\n')
}

/** A shipped pipeline and what it says it is for. */
function purpose(name: string): [string, string] {
  const { description = '' } = JSON.parse(readFileSync(pipelinePath(name), 'utf8'))
  return [name, description]
}

function details(component: Listed): string {
  const { kind, type, summary, options } = component
  const parts = [`${type} (${kind})\n${summary}`, glossary(optionTable(options))]
  if (kind === 'stage') parts.push(`as every stage\n${glossary(optionTable(stageFields))}`)
  return `${parts.join('\n\n')}\n`
}

function optionTable(fields: Fields): [string, string][] {
  const rows = optionRows(fields)
  if (rows.length === 0) return [['', 'no options']]
  return rows.map(({ name, type, default: usual, description }) => [
    name,
    `${description.replaceAll('`', '')} (${type}${inParentheses(usual)})`,
  ])
}

function inParentheses(usual: string): string {
  if (usual === '') return ''
  return usual === 'required' ? '; required' : `; default ${usual}`
}
