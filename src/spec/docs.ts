import type { Field, Fields } from './fields.ts'
import type { Cells, Figure, Figures } from './figures.ts'

/** One option as a row of the documentation. Nested options are named like `select.include`. */
export interface OptionRow {
  readonly name: string
  /** The type, in words. */
  readonly type: string
  /** JSON of the default, or `required`, or empty. */
  readonly default: string
  readonly description: string
}

/** The options of a component. Nested objects are flattened. */
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

/** One figure as a row of the documentation. A table's cells are named like `modes.size`. */
export interface FigureRow {
  readonly name: string
  /** The kind of figure, in words. */
  readonly kind: string
  /** What it means, when it misleads, what it is shown beside, and when it is present. */
  readonly meaning: string
}

/** The figures of a summary. The cells of a table follow it. */
export function figureRows(figures: Figures | Cells, prefix = ''): FigureRow[] {
  return Object.entries(figures).flatMap(([key, figure]: [string, Figure]) => {
    const { means, misleads, when } = figure
    const row = {
      name: prefix + key,
      kind: kindName(figure),
      meaning: [means, misleads, beside(figure), when && `Only ${when}.`].filter(Boolean).join(' '),
    }
    const cells = figure.kind === 'table' ? figureRows(figure.columns, `${prefix}${key}[].`) : []
    return [row, ...cells]
  })
}

/** The figures of a summary as a Markdown table. */
export function figuresTable(figures: Figures): string {
  const rows = figureRows(figures).map(
    ({ name, kind, meaning }) => `| \`${name}\` | ${kind} | ${meaning.replaceAll('|', '\\|')} |`
  )
  return ['| figure | kind | meaning |', '| --- | --- | --- |', ...rows].join('\n')
}

function kindName(figure: Figure): string {
  const unit = figure.unit ? `, ${figure.unit}` : ''
  switch (figure.kind) {
    case 'rank':
      return `list over rank${unit}`
    case 'steps':
      return `series over steps${figure.lines ? `, a line for each ${figure.lines}` : ''}${unit}`
    case 'interval':
      return `interval${figure.over === 'rank' ? ' for each rank' : ''}${unit}`
    case 'spectrum':
      return `points of the complex plane${unit}`
    case 'matrix':
      return `matrix, ${figure.rows} by ${figure.columns}${unit}`
    case 'verdict':
      return Object.keys(figure.words).join(', ')
    default:
      return `${figure.kind}${unit}`
  }
}

/** The figures that belong to a figure, as in "Null `capturedNull`, bound `upperBounds`." */
function beside(figure: Figure): string {
  const links = (['null', 'scatter', 'bound', 'error', 'interval'] as const).flatMap((link) =>
    figure[link] === undefined ? [] : [`${link} \`${figure[link]}\``]
  )
  if (figure.kind === 'spectrum') {
    if (figure.details) links.push(`details \`${figure.details}\``)
    const alike = [figure.spacing, ...(figure.alike ?? [])].flatMap((name) => name ?? [])
    if (alike.length > 0) {
      links.push(`comparable where equal ${alike.map((name) => `\`${name}\``).join(', ')}`)
    }
  }
  const text = links.join(', ')
  return text === '' ? '' : `${text[0]!.toUpperCase()}${text.slice(1)}.`
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
      return `${field.single ? `${typeName(field.items)} or ` : ''}list of ${plural(field.items)}`
    case 'record':
      return `object of ${typeName(field.values)}`
    case 'either':
      return field.of.map(typeName).join('; or ')
    case 'object':
      return `{ ${Object.keys(field.fields).join(', ')} }`
    default:
      return field.kind
  }
}

function plural(items: Field): string {
  return `${typeName(items)}${/^(string|number|integer)$/.test(items.kind) ? 's' : ''}`
}

function defaultText(field: Field): string {
  if (field.required) return 'required'
  return field.default === undefined ? '' : JSON.stringify(field.default)
}
