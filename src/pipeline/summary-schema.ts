import { metricsSpec } from '../engine/run/specs.ts'
import type { SummarySpecs } from '../engine/summary.ts'
import { figureSchema, valuesSchema } from '../spec/figure-schema.ts'
import type { JsonSchema } from '../spec/json-schema.ts'

const name = { type: 'string' }
const count = { type: 'integer', minimum: 0 }

/** JSON Schema (draft 2020-12) of a line of output. Any other type is a stage that someone wrote themselves. */
export function summarySchema(specs: SummarySpecs): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Thalweg summary',
    type: 'object',
    properties: {
      schema: { const: 'thalweg.summary/1' },
      run: name,
      stage: { ...name, description: 'id of the stage, or `metrics`, `run`' },
      type: name,
      scope: { ...name, description: '`model`, `tensor:<name>` or `group:<name>`' },
      member: count,
      step: count,
      epoch: { type: 'number' },
      frames: { ...count, description: 'frames of the run seen so far' },
      values: { type: 'object' },
      alerts: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            id: { ...name, pattern: '^[a-z0-9-]+/[a-z0-9-]+$' },
            level: { enum: ['info', 'warn', 'error'] },
            message: name,
          },
          required: ['id', 'level', 'message'],
          additionalProperties: false,
        },
      },
      environment: {
        type: 'object',
        description: 'volatile facts, only on the final `run` summary',
      },
    },
    required: [
      'schema',
      'run',
      'stage',
      'type',
      'scope',
      'member',
      'step',
      'frames',
      'values',
      'alerts',
    ],
    additionalProperties: false,
    allOf: [...specs.values()].map((spec) => ({
      if: { properties: { type: { const: spec.type } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { properties: { values: ownValues(spec) } },
    })),
  }
}

function ownValues(spec: { readonly type: string; readonly figures: object }): JsonSchema {
  if (spec.type !== metricsSpec.type) return valuesSchema(spec.figures as never)
  return {
    type: 'object',
    properties: { why: { type: 'string' } },
    additionalProperties: figureSchema(metricsSpec.any),
  }
}
