import { Ajv2020 } from 'ajv/dist/2020.js'
import { specsOf } from '../../src/engine/run/specs.ts'
import { registry } from '../../src/node/registry.ts'
import { summarySchema } from '../../src/pipeline/summary-schema.ts'

const validate = new Ajv2020({
  strict: true,
  strictTuples: false,
  allErrors: true,
  allowUnionTypes: true,
}).compile(summarySchema(specsOf(registry)))

/** Throws where a summary, as JSON has it, is not as the schema that ships says. */
export function expectSchema(summary: unknown): void {
  if (validate(summary)) return
  const [first] = validate.errors!.filter(({ keyword }) => keyword !== 'if')
  const { type, step } = summary as { type: string; step: number }
  throw new Error(`summary ${type} of step ${step}: ${first!.instancePath} ${first!.message}`)
}

/** Checks every line that is a summary. */
export function expectSchemas(lines: Iterable<string>): void {
  for (const line of lines) {
    if (line.startsWith('{"schema":"thalweg.summary/')) expectSchema(JSON.parse(line))
  }
}
