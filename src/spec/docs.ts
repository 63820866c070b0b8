import type { Field, Fields } from './fields.ts'

/** One option as documentation shows it; nested ones are named `select.include`. */
export interface OptionRow {
  readonly name: string
  /** What it takes, in words. */
  readonly type: string
  /** JSON of the default, `required`, or nothing. */
  readonly default: string
  readonly description: string
}

/** The options of a component, nested objects laid out flat. */
export function optionRows(fields: Fields, prefix = ''): OptionRow[] {
  return Object.entries(fields).flatMap(([key, field]) => {
    const name = prefix + key
    if (field.kind === 'object') return optionRows(field.fields, `${name}.`)
    return [
      { name, type: typeName(field), default: defaultText(field), description: field.description },
    ]
  })
}

/** The options of a component as a Markdown table. */
export function optionsTable(fields: Fields): string {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const rows = optionRows(fields).map((row) => {
    const usual =
      row.default === '' || row.default === 'required' ? row.default : `\`${row.default}\``
    return `| \`${row.name}\` | ${cell(row.type)} | ${cell(usual)} | ${cell(row.description)} |`
  })
  return ['| option | type | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function typeName(field: Field): string {
  switch (field.kind) {
    case 'number':
    case 'integer': {
      const { min, max } = field
      const bounded = min !== undefined && max !== undefined
      const range = bounded ? ` ${min} to ${max}` : min !== undefined ? ` ≥ ${min}` : ''
      const below = !bounded && max !== undefined ? ` ≤ ${max}` : ''
      return `${field.kind}${range}${below}${field.unit ? `, ${field.unit}` : ''}`
    }
    case 'choice':
      return field.choices.join(', ')
    case 'list':
      return `list of ${typeName(field.items)}${/^(string|number|integer)$/.test(field.items.kind) ? 's' : ''}`
    case 'record':
      return `object of ${typeName(field.values)}`
    default:
      return field.kind
  }
}

function defaultText(field: Field): string {
  if (field.required) return 'required'
  return field.default === undefined ? '' : JSON.stringify(field.default)
}
