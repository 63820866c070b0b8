import { schemaText } from '../reference.ts'
import { defineCommand } from './command.ts'

export const schema = defineCommand({
  name: 'schema',
  summary: 'Prints the JSON Schema of pipelines.',
  options: {},
  run() {
    process.stdout.write(schemaText())
    return 0
  },
})
