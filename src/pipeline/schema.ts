import { optionsOf } from '../engine/settings/parse.ts'
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
      source: oneOf(registry.sources.map(described)),
      stage: oneOf(
        registry.stages.map(({ definition }) => ({ ...definition, options: optionsOf(definition) }))
      ),
      sink: oneOf(registry.sinks.map(described)),
    },
  }
}

interface Described {
  readonly type: string
  readonly summary: string
  readonly options: Fields
}

const described = ({ definition }: { readonly definition: Described }): Described => definition

function oneOf(components: readonly Described[]): JsonSchema {
  return {
    oneOf: components.map(({ type, summary, options }) => ({
      title: type,
      description: summary,
      ...objectSchema(options, type),
    })),
  }
}
