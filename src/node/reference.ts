import { limitFields } from '../edge/limits.ts'
import { stageFields } from '../engine/settings.ts'
import { exitCodes } from '../error.ts'
import { pipelineFields } from '../pipeline/pipeline.ts'
import { pipelineSchema } from '../pipeline/schema.ts'
import { optionsTable } from '../spec/docs.ts'
import type { Fields } from '../spec/fields.ts'
import { registry } from './registry.ts'

/** The JSON Schema of pipelines as the package ships it. */
export function schemaText(): string {
  return `${JSON.stringify(pipelineSchema(registry), null, 2)}\n`
}

/** The reference of pipelines and components, out of their specs. */
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
    'Every stage has these options beside its own.',
    optionsTable(stageFields),
    ...registry.stages.flatMap(({ definition }) => component(definition)),
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
