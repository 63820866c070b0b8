import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { engineAlerts } from '../../engine/run/alerts.ts'
import { ownFieldsOf, stageFields } from '../../engine/settings/fields.ts'
import { optionsOf } from '../../engine/settings/parse.ts'
import { ThalwegError } from '../../error.ts'
import { pipelineFields, type Registry } from '../../pipeline/pipeline.ts'
import { figureRows, optionRows } from '../../spec/docs.ts'
import { boolean, type Fields, string } from '../../spec/fields.ts'
import { nearest } from '../../spec/nearest.ts'
import type { AlertSpec, StageDefinition } from '../../stage/define.ts'
import { loadPipeline } from '../pipeline-file.ts'
import { registry as shipped } from '../registry.ts'
import { pipelinePath, shippedPipelines } from '../shipped.ts'
import { glossary } from '../text.ts'
import { defineCommand } from './command.ts'

export const list = defineCommand({
  name: 'list',
  summary:
    'Lists sources, stages, sinks, alerts and shipped pipelines, or the options and figures of one of them.',
  positional: {
    name: '[type]',
    description: 'a component, or `alerts`',
    choices: () => [...all(shipped).map(({ type }) => type), 'alerts'],
  },
  options: {
    json: boolean({ description: 'print JSON', default: false }),
    pipeline: string({
      description: 'also lists the components of the modules in the `use` of this pipeline',
      unit: 'file',
    }),
  },
  examples: ['thalweg list', 'thalweg list stdin', 'thalweg list alerts'],
  async run({ json, pipeline }, [type]) {
    const file = pipeline === undefined ? undefined : await loadPipeline(pipeline, [], shipped)
    const registry = file?.registry ?? shipped
    const alerts = alertsOf(registry)
    if (type === 'alerts') {
      const text = glossary(alerts.map(({ id, level, means }) => [id, `${means} (${level})`]))
      process.stdout.write(json ? asJson({ alerts }) : `${text}\n`)
      return 0
    }
    if (type !== undefined) {
      const found = find(type, registry)
      process.stdout.write(json ? asJson({ components: [described(found)] }) : details(found))
      return 0
    }
    const pipelines = shippedPipelines()
    const components = all(registry)
    process.stdout.write(
      json
        ? asJson({ components: components.map(described), alerts, pipelines })
        : overview(components, pipelines)
    )
    return 0
  },
})

const asJson = (listed: object): string =>
  `${JSON.stringify({ schema: 'thalweg.list/1', ...listed })}\n`

interface Listed {
  readonly kind: 'source' | 'stage' | 'sink'
  readonly type: string
  readonly summary: string
  /** Its options, including those that all components of its kind have. */
  readonly options: Fields
  /** Present only for a stage. */
  readonly stage?: StageDefinition
}

function all({ sources, stages, sinks }: Registry): Listed[] {
  const plain = (kind: 'source' | 'sink', of: Registry['sources'] | Registry['sinks']) =>
    of.map(({ definition: { type, summary, options } }) => ({ kind, type, summary, options }))
  return [
    ...plain('source', sources),
    ...stages.map(({ definition }) => {
      const { type, summary } = definition
      const kind = 'stage' as const
      return { kind, type, summary, options: optionsOf(definition), stage: definition }
    }),
    ...plain('sink', sinks),
  ]
}

function find(type: string, registry: Registry): Listed {
  const components = all(registry)
  const found = components.find((component) => component.type === type)
  if (found) return found
  const types = [...components.map((component) => component.type), 'alerts']
  const near = nearest(type, types)
  const hint = near ? `Did you mean "${near}"?` : `There are: ${types.join(', ')}.`
  throw new ThalwegError('E_USAGE', `list: "${type}" is not known. ${hint}`)
}

/** Every possible alert, by its id. */
function alertsOf({ stages }: Registry): ({ readonly id: string } & AlertSpec)[] {
  const own = Object.entries(engineAlerts).map(([id, alert]) => ({ id, ...alert }))
  const raised = stages.flatMap(({ definition: { type, alerts = {} } }) =>
    Object.entries(alerts).map(([condition, alert]) => ({ id: `${type}/${condition}`, ...alert }))
  )
  return [...own, ...raised]
}

function described({ stage, ...component }: Listed): object {
  if (!stage) return component
  const { asks, figures, alerts = {}, ports = {}, reads = {} } = stage
  return { ...component, asks, figures, alerts, ports, reads }
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

/** A shipped pipeline and its description. */
function purpose(name: string): [string, string] {
  const { description = '' } = JSON.parse(readFileSync(pipelinePath(name), 'utf8'))
  return [name, description]
}

function details({ kind, type, summary, options, stage }: Listed): string {
  const own = stage ? ownFieldsOf(stage) : options
  const parts = [`${type} (${kind})\n${summary}`]
  if (stage) parts.push(`answers: ${stage.asks}`)
  parts.push(`options\n${glossary(optionTable(own))}`)
  if (stage) {
    parts.push(`options of every stage\n${glossary(optionTable(stageFields))}`)
    parts.push(`figures\n${glossary(figureTable(stage))}`, ...portParts(stage))
  }
  return `${parts.join('\n\n')}\n`
}

function figureTable({ figures }: StageDefinition): [string, string][] {
  return figureRows(figures).map(({ name, kind, meaning }) => [name, `${meaning} (${kind})`])
}

/** The ports of a stage: what it hands to later stages, and what it can read from earlier ones. */
function portParts({ ports = {}, reads = {} }: StageDefinition): string[] {
  const table = (title: string, of: typeof ports) => {
    const rows = Object.entries(of).map(([name, { means }]): [string, string] => [name, means])
    return rows.length > 0 ? [`${title}\n${glossary(rows)}`] : []
  }
  return [
    ...table('offers to stages that name it in "on"', ports),
    ...table('reads by "on"', reads),
  ]
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
