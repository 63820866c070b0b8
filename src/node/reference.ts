import { limitFields } from '../edge/limits.ts'
import { engineAlerts } from '../engine/run/alerts.ts'
import { metricsSpec, runSpec, specsOf } from '../engine/run/specs.ts'
import { ownFieldsOf, stageFields } from '../engine/settings/fields.ts'
import { exitCodes } from '../error.ts'
import { pipelineFields, type Registry } from '../pipeline/pipeline.ts'
import { pipelineSchema } from '../pipeline/schema.ts'
import { summarySchema } from '../pipeline/summary-schema.ts'
import { figuresTable, optionsTable } from '../spec/docs.ts'
import type { Fields } from '../spec/fields.ts'
import type { AlertSpec, StageDefinition, SummarySpec } from '../stage/define.ts'
import { registry } from './registry.ts'

/** The JSON Schema of pipelines with these components. Default: the shipped ones. */
export function schemaText(known: Registry = registry): string {
  return `${JSON.stringify(pipelineSchema(known), null, 2)}\n`
}

/** The JSON Schema of these stages' summaries. */
export function summarySchemaText(known: Registry = registry): string {
  return `${JSON.stringify(summarySchema(specsOf(known)), null, 2)}\n`
}

/** The reference of pipelines and components, generated from their specs. */
export function referenceText(): string {
  const parts = [
    '# Reference',
    'Made by the build from the specs of the components.',
    '## Pipelines',
    'Beside `source`, `stages` and `sinks`, a pipeline has these keys.',
    optionsTable(pipelineFields),
    '## Sources',
    ...registry.sources.flatMap(({ definition }) => component(definition)),
    '## Stages',
    'Every stage has these options in addition to its own.',
    optionsTable(stageFields),
    ...registry.stages.flatMap(({ definition }) => stage(definition)),
    '## Other summaries',
    ...[metricsSpec, runSpec].flatMap(summary),
    '## Alerts of no stage',
    alertsTable(engineAlerts),
    '## Sinks',
    ...registry.sinks.flatMap(({ definition }) => component(definition)),
    '## Limits of a handler',
    'The handler of `thalweg/edge` takes these as `limits`; see [edge.md](edge.md).',
    optionsTable(limitFields),
    '## Exit codes',
    exitTable(),
  ]
  return `${parts.join('\n\n')}\n`
}

/** A stage: its options, figures and alerts. */
function stage(definition: StageDefinition): string[] {
  const own = { ...definition, options: ownFieldsOf(definition) }
  return [...component(own), ...summary(definition).slice(1), ...alerts(definition)]
}

function summary({
  type,
  asks,
  figures,
}: Pick<SummarySpec, 'type' | 'asks' | 'figures'>): string[] {
  const table = Object.keys(figures).length > 0 ? [figuresTable(figures)] : []
  return [`### ${type}`, `It answers: *${asks}*`, ...table]
}

function alerts({ type, alerts = {} }: StageDefinition): string[] {
  const own = Object.entries(alerts).map(([condition, alert]) => [`${type}/${condition}`, alert])
  return own.length === 0 ? [] : [alertsTable(Object.fromEntries(own))]
}

function alertsTable(alerts: { readonly [id: string]: AlertSpec }): string {
  const rows = Object.entries(alerts).map(
    ([id, { level, means }]) => `| \`${id}\` | ${level} | ${means} |`
  )
  return ['| alert | level | meaning |', '| --- | --- | --- |', ...rows].join('\n')
}

function component({
  type,
  summary,
  options,
}: {
  readonly type: string
  readonly summary: string
  readonly options: Fields
}): string[] {
  const table = Object.keys(options).length > 0 ? [optionsTable(options)] : []
  return [`### ${type}`, summary, ...table]
}

const meanings: Readonly<Record<number, string>> = {
  0: 'all went well; also when the reader of the output left',
  1: 'the run failed',
  2: 'the command line is wrong',
  3: 'an alert at or above `--fail-on` came',
  4: 'a case of `thalweg test` failed, or runs differ under `thalweg compare --gate`',
  65: 'the data in the stream are bad',
  66: 'there is no input',
  74: 'a sink or the checkpoint cannot be written',
  78: 'the configuration is wrong',
  129: 'the terminal is gone (SIGHUP)',
  130: 'interrupted (SIGINT)',
  143: 'terminated (SIGTERM)',
}

function exitTable(): string {
  const rows = Object.entries(meanings).map(([code, meaning]) => {
    const names = Object.entries(exitCodes).filter(([, exit]) => exit === Number(code))
    return `| ${code} | ${meaning} | ${names.map(([name]) => `\`${name}\``).join(' ')} |`
  })
  return ['| code | meaning | errors |', '| --- | --- | --- |', ...rows].join('\n')
}
