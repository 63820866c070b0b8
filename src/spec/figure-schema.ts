import type { Cell, Figure, Figures } from './figures.ts'
import type { JsonSchema } from './json-schema.ts'

/** In JSON, null stands for a non-finite number. */
const number = { type: ['number', 'null'] }
const numbers = { type: 'array', items: number }
const pair = { type: 'array', prefixItems: [number, number], items: false, minItems: 2 }
const count = { type: 'integer', minimum: 0 }
const labels = { type: 'array', items: { type: ['string', 'number'] } }

/** JSON Schema (draft 2020-12) of a summary's `values`. */
export function valuesSchema(figures: Figures): JsonSchema {
  const required = Object.entries(figures).flatMap(([name, { when }]) =>
    when === undefined ? [name] : []
  )
  const properties = Object.fromEntries(
    Object.entries(figures).map(([name, figure]) => [name, figureSchema(figure)])
  )
  return {
    type: 'object',
    properties: {
      ...properties,
      why: { type: 'string', description: 'why what is null is not known' },
    },
    required,
    additionalProperties: false,
  }
}

/** JSON Schema of one figure's value. */
export function figureSchema(figure: Figure | Cell): JsonSchema {
  const { title, means, unit } = figure
  return { ...valueSchema(figure), title, description: unit ? `${means} (${unit})` : means }
}

function valueSchema(figure: Figure | Cell): JsonSchema {
  switch (figure.kind) {
    case 'scalar':
    case 'share':
      return number
    case 'count':
      return { type: ['integer', 'null'], minimum: 0 }
    case 'interval':
      return figure.over === 'rank' ? orNull({ type: 'array', items: orNull(pair) }) : orNull(pair)
    case 'rank':
      return orNull(numbers)
    case 'steps':
      return orNull(record({ steps: { type: 'array', items: count }, values: arrayOf(numbers) }))
    case 'spectrum':
      return orNull(arrayOf(pair))
    case 'histogram':
      return orNull(record({ edges: numbers, counts: arrayOf(count) }))
    case 'matrix':
      return orNull(record({ rows: labels, columns: labels, values: arrayOf(numbers) }))
    case 'table':
      return orNull(
        arrayOf(
          record(
            Object.fromEntries(
              Object.entries(figure.columns).map(([name, cell]) => [name, figureSchema(cell)])
            )
          )
        )
      )
    case 'graph':
      return orNull(
        record({
          states: arrayOf({ type: 'string' }),
          transitions: arrayOf(record({ from: count, to: count, count })),
        })
      )
    case 'verdict':
      return { enum: Object.keys(figure.words) }
    case 'text':
      return { type: ['string', 'null'] }
    case 'weight':
      return orNull(record({ tensor: { type: 'string' }, index: count }))
  }
}

const arrayOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items })

const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] })

function record(properties: { readonly [name: string]: JsonSchema }): JsonSchema {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  }
}
