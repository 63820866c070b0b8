import type { Pipeline } from '../../pipeline/pipeline.ts'
import { plain } from '../../plain.ts'
import { loadPipeline } from '../pipeline-file.ts'
import { registry } from '../registry.ts'
import { parseSetting } from '../set.ts'
import { shippedPipelines } from '../shipped.ts'
import { defineCommand } from './command.ts'
import { setOption } from './options.ts'

export const graph = defineCommand({
  name: 'graph',
  summary:
    'Prints a pipeline as a Mermaid diagram: source, stages and what they read of each other, sinks.',
  positional: {
    name: '[name|file]',
    description: 'a shipped pipeline or a path; without it, the pipeline "default"',
    choices: shippedPipelines,
  },
  options: { set: setOption },
  examples: ['thalweg graph chaos', 'thalweg graph my.json > pipeline.mmd'],
  async run({ set }, [name = 'default']) {
    const { pipeline } = await loadPipeline(name, set.map(parseSetting), registry)
    process.stdout.write(diagramOf(pipeline))
    return 0
  },
})

/** The diagram of a pipeline. If it names no source or sinks, those of the command line are shown. */
export function diagramOf({ settings, source, sinks }: Pipeline): string {
  const { stages } = settings
  const ends = sinks?.map(({ definition, options }) => ({ type: definition.type, options }))
  const lines = ['flowchart LR']
  const from = source?.definition.type ?? 'stdin'
  lines.push(`  source[/${label(from, pathOf(source?.options))}/]`)
  for (const [i, { id, definition, per, sources }] of stages.entries()) {
    const type = id === definition.type ? '' : definition.type
    lines.push(`  stage${i}[${label(id, type, per === 'model' ? '' : `per ${per}`)}]`)
    lines.push(`  source --> stage${i}`)
    for (const [port, other] of Object.entries(sources)) {
      const at = stages.findIndex((stage) => stage.id === other)
      lines.push(`  stage${at} -- ${label(port)} --> stage${i}`)
    }
  }
  for (const [j, { type, options }] of (ends ?? [{ type: 'ndjson', options: {} }]).entries()) {
    lines.push(`  sink${j}[\\${label(type, pathOf(options))}\\]`)
    for (const i of stages.keys()) lines.push(`  stage${i} --> sink${j}`)
  }
  return `${lines.join('\n')}\n`
}

function pathOf(options: { readonly path?: unknown } | undefined): string {
  return typeof options?.path === 'string' ? options.path : ''
}

/** A node's text in quotes. Characters that Mermaid would read as markup become entities. */
function label(...parts: readonly string[]): string {
  const text = parts
    .filter((part) => part !== '')
    .map((part) => plain(part).replace(/["<>&#`\\]/g, (sign) => `#${sign.charCodeAt(0)};`))
    .join('<br>')
  return `"${text}"`
}
