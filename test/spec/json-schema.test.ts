import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { optionsTable } from '../../src/spec/docs.ts'
import { choice, globs, integer, object, record, string } from '../../src/spec/fields.ts'
import { objectSchema } from '../../src/spec/json-schema.ts'

const schemas = suite('JSON Schema and tables from a spec')

const fields = {
  path: string({ description: 'the file', required: true }),
  rank: integer({ description: 'kept', unit: 'directions', min: 1, default: 16 }),
  tier: choice(['a', 'b'], { description: 'tier | level' }),
  groups: record(globs({ description: 'tensors' }), { description: 'groups' }),
  memory: object({ max: integer({ description: 'limit', max: 9 }) }, { description: 'memory' }),
} as const

schemas('has types, ranges, defaults and descriptions, and nothing else may be given', () => {
  const schema = objectSchema(fields, 'file')
  assert.equal(schema.required, ['type', 'path'])
  assert.is(schema.additionalProperties, false)
  const properties = schema.properties as Record<string, Record<string, unknown>>
  assert.equal(properties.type, { const: 'file' })
  assert.equal(properties.rank, {
    type: 'integer',
    minimum: 1,
    description: 'kept (directions)',
    default: 16,
  })
  assert.equal(properties.tier!.enum, ['a', 'b'])
  assert.is(properties.memory!.additionalProperties, false)
  assert.is((properties.groups!.additionalProperties as { type: string }).type, 'array')
})

schemas('lays nested options out flat in a table', () => {
  const lines = optionsTable(fields).split('\n')
  assert.equal(lines.slice(2, 5), [
    '| `path` | string | required | the file |',
    '| `rank` | integer ≥ 1, directions | `16` | kept |',
    '| `tier` | a, b |  | tier \\| level |',
  ])
  assert.match(lines.at(-1)!, '| `memory.max` | integer ≤ 9 |')
})

schemas.run()
