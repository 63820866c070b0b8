import { pipelineSchema } from '../../pipeline/schema.ts'
import { registry } from '../registry.ts'
import { defineCommand } from './command.ts'

export const schema = defineCommand({
  name: 'schema',
  summary: 'Prints the JSON Schema of pipelines.',
  options: {},
  run() {
    process.stdout.write(`${JSON.stringify(pipelineSchema(registry), null, 2)}\n`)
    return 0
  },
})
