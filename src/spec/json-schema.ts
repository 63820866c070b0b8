import type { Field, Fields } from './fields.ts'

export type JsonSchema = { readonly [keyword: string]: unknown }

/** JSON Schema (draft 2020-12) of one field. */
function fieldSchema(field: Field): JsonSchema {
  return {
    ...typeSchema(field),
    description: field.unit ? `${field.description} (${field.unit})` : field.description,
    ...(field.default === undefined ? {} : { default: field.default }),
  }
}

/** JSON Schema of an object with these fields and no others. With a `type`, it is the schema of a component of that type. */
export function objectSchema(fields: Fields, type?: string): JsonSchema {
  const required = Object.keys(fields).filter((name) => fields[name]!.required)
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)])
  )
  return {
    type: 'object',
    properties: type === undefined ? properties : { type: { const: type }, ...properties },
    required: type === undefined ? required : ['type', ...required],
    additionalProperties: false,
  }
}

function typeSchema(field: Field): JsonSchema {
  switch (field.kind) {
    case 'number':
    case 'integer':
      return {
        type: field.kind,
        ...(field.min === undefined ? {} : { minimum: field.min }),
        ...(field.max === undefined ? {} : { maximum: field.max }),
      }
    case 'string':
      return { type: 'string', ...(field.pattern === undefined ? {} : { pattern: field.pattern }) }
    case 'boolean':
      return { type: 'boolean' }
    case 'choice':
      return { enum: field.choices }
    case 'list':
      return field.single
        ? { anyOf: [typeSchema(field.items), { type: 'array', items: fieldSchema(field.items) }] }
        : { type: 'array', items: fieldSchema(field.items) }
    case 'record':
      return { type: 'object', additionalProperties: fieldSchema(field.values) }
    case 'object':
      return objectSchema(field.fields)
    case 'either':
      return { anyOf: field.of.map(fieldSchema) }
  }
}
