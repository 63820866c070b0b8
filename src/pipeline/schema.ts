import { stageFields } from '../engine/settings/fields.ts'
import type { Fields } from '../spec/fields.ts'
import { type JsonSchema, objectSchema } from '../spec/json-schema.ts'
import { pipelineFields, type Registry } from './pipeline.ts'

/** JSON Schema (draft 2020-12) of a pipeline made of these components. */
export function pipelineSchema(registry: Registry): JsonSchema {
  const { properties, ...top } = objectSchema(pipelineFields)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Thalweg pipeline',
    ...top,
    properties: {
      ...(properties as object),
      source: { $ref: '#/$defs/source', description: 'where the stream comes from' },
      stages: {
        type: 'array',
        items: { $ref: '#/$defs/stage' },
        description: 'analyses, in order',
        default: [],
      },
      sinks: {
        type: 'array',
        items: { $ref: '#/$defs/sink' },
        description: 'where summaries go',
      },
    },
    $defs: {
      source: oneOf(registry.sources),
      stage: oneOf(registry.stages, stageFields),
      sink: oneOf(registry.sinks),
    },
  }
}

function oneOf(
  components: readonly { definition: { type: string; summary: string; options: Fields } }[],
  common: Fields = {}
): JsonSchema {
  return {
    oneOf: components.map(({ definition }) => ({
      title: definition.type,
      description: definition.summary,
      ...objectSchema({ ...definition.options, ...common }, definition.type),
    })),
  }
}
