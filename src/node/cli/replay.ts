import { specsOf } from '../../engine/run/specs.ts'
import { ThalwegError } from '../../error.ts'
import type { SinkDefinition } from '../../pipeline/sink.ts'
import { list, string } from '../../spec/fields.ts'
import { nearest } from '../../spec/nearest.ts'
import { parseOptions } from '../../spec/parse.ts'
import { throwErrors } from '../../spec/problem.ts'
import { requireDistinctFiles, type UsedFile } from '../distinct-files.ts'
import { loadPipeline } from '../pipeline-file.ts'
import { registry as shipped } from '../registry.ts'
import { applySetting, parseSetting } from '../set.ts'
import { readSummaries } from '../summaries.ts'
import { defineCommand } from './command.ts'
import { requirePipedStdin } from './stdin.ts'
import { onInterrupt } from './stop.ts'

export const replay = defineCommand({
  name: 'replay',
  summary: 'Gives stored summaries to a sink, as the run itself would have done.',
  positional: {
    name: '<sink> [summaries]...',
    description: 'type of the sink, then files that the sink `ndjson` wrote; `-` is standard input',
    many: true,
    choices: () => shipped.sinks.map(({ definition }) => definition.type),
  },
  options: {
    set: list(string({ description: 'one option', unit: 'option=value' }), {
      description: 'sets an option of the sink, as in path=run.csv; values are JSON or plain text',
      default: [],
    }),
    pipeline: string({
      description: 'also knows the components of the modules in the `use` of this pipeline',
      unit: 'file',
    }),
  },
  examples: [
    'thalweg replay table run.ndjson',
    'thalweg replay csv run.ndjson --set path=run-csv',
    'ssh host cat run.ndjson | thalweg replay table -',
  ],
  async run({ set, pipeline }, [type, ...paths]) {
    const file = pipeline === undefined ? undefined : await loadPipeline(pipeline, [], shipped)
    const { stages, sinks } = file?.registry ?? shipped
    const definition = find(
      type,
      sinks.map(({ definition }) => definition)
    )
    const options = optionsOf(definition, set)
    const inputs = paths.length > 0 ? paths : ['-']
    if (inputs.includes('-')) requirePipedStdin('replay')
    requireDistinctFiles(filesOf(inputs, options))
    const specs = specsOf({ stages })
    const stop = onInterrupt()
    const sink = await definition.open(options as never, { specs })
    try {
      for (const path of inputs) {
        for await (const block of readSummaries(path, { specs, signal: stop.signal })) {
          await sink.write(block)
        }
      }
      return stop.exitCode() ?? 0
    } catch (error) {
      if (error instanceof ThalwegError && error.code === 'E_PIPE') return stop.exitCode() ?? 0
      throw error
    } finally {
      stop.release()
      await sink.close()
    }
  },
})

function find(type: string | undefined, definitions: readonly SinkDefinition[]): SinkDefinition {
  const found = definitions.find((definition) => definition.type === type)
  if (found) return found
  const types = definitions.map((definition) => definition.type)
  const near = type === undefined ? undefined : nearest(type, types)
  const hint = near ? `Did you mean "${near}"?` : `There are: ${types.join(', ')}.`
  const what = type === undefined ? 'name a sink' : `no sink is called "${type}"`
  throw new ThalwegError('E_USAGE', `replay: ${what}. ${hint}`)
}

function optionsOf({ options: fields }: SinkDefinition, set: readonly string[]): object {
  const given = set.reduce<unknown>(
    (input, setting) => applySetting(input, parseSetting(setting)).input,
    {}
  )
  const { value, problems } = parseOptions(fields, given)
  throwErrors(problems, 'replay: --set')
  return value
}

function filesOf(inputs: readonly string[], options: { readonly path?: unknown }): UsedFile[] {
  const read = inputs.filter((path) => path !== '-').map((path) => ({ use: 'summaries', path }))
  const { path } = options
  return typeof path === 'string' && path !== '-' ? [...read, { use: 'the sink', path }] : read
}
