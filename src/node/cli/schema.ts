import { ThalwegError } from '../../error.ts'
import { string } from '../../spec/fields.ts'
import { loadPipeline } from '../pipeline-file.ts'
import { schemaText, summarySchemaText } from '../reference.ts'
import { registry } from '../registry.ts'
import { defineCommand } from './command.ts'

export const schema = defineCommand({
  name: 'schema',
  summary: 'Prints the JSON Schema of pipelines, or of summaries.',
  positional: {
    name: '[pipeline|summary]',
    description: 'which of the two; default: pipeline',
    choices: () => ['pipeline', 'summary'],
  },
  options: {
    pipeline: string({
      description: 'includes the components of the modules in the `use` of this pipeline',
      unit: 'file',
    }),
  },
  examples: ['thalweg schema', 'thalweg schema summary'],
  async run({ pipeline }, [of = 'pipeline']) {
    const file = pipeline === undefined ? undefined : await loadPipeline(pipeline, [], registry)
    const known = file?.registry ?? registry
    const texts: Record<string, typeof schemaText> = {
      pipeline: schemaText,
      summary: summarySchemaText,
    }
    const text = Object.hasOwn(texts, of) ? texts[of] : undefined
    if (!text) {
      throw new ThalwegError('E_USAGE', `schema: "${of}" is neither "pipeline" nor "summary".`)
    }
    process.stdout.write(text(known))
    return 0
  },
})
