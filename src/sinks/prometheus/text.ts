import { figuresOf } from '../../engine/run/specs.ts'
import type { Summary, SummarySpecs } from '../../engine/summary.ts'
import { plain } from '../../plain.ts'
import type { Figure, Histogram, Lines } from '../../spec/figures.ts'
import { type Column, listed, type Row } from '../flat/listed.ts'
import type { Latest } from './latest.ts'

/** How many rows of a list are shown at most. Each row is a separate series. */
const mostRows = 64
/** Longest label, in characters. */
const mostLabel = 200

/** The content type for HTTP. */
export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8'

type Labels = Readonly<Record<string, string | number>>

/** A series (its name and labels) and its value. */
type Line = readonly [series: string, value: number]

interface Family {
  readonly type: 'gauge' | 'counter' | 'histogram'
  readonly help: string
  /** Values by series. A map, because names that were cut may be equal. */
  readonly lines: Map<string, number>
}

/** The newest figures of the last runs, in Prometheus's text format, version 0.0.4. */
export function prometheusText(latest: Latest, specs: SummarySpecs): string {
  const families = new Families()
  for (const { run: name, origin, step, summaries, alerts } of latest.runs) {
    const run: Labels = origin === '' ? { run: name } : { run: name, origin }
    families.add('thalweg_step', 'gauge', 'The last step that was analysed.', run, step)
    for (const { count, ...alert } of alerts.values()) {
      families.add(
        'thalweg_alerts_total',
        'counter',
        'Alerts that came.',
        { ...run, ...alert },
        count
      )
    }
    for (const summary of summaries.values()) {
      for (const [name, figure] of Object.entries(figuresOf(summary, specs))) {
        addFigure(families, run, summary, specs, name, figure)
      }
    }
  }
  return families.text()
}

class Families {
  readonly #families = new Map<string, Family>()

  add(name: string, type: Family['type'], help: string, labels: Labels, value: unknown): void {
    if (typeof value !== 'number' || !Number.isFinite(value)) return
    this.addLines(name, type, help, [[series(name, labels), value]])
  }

  addLines(name: string, type: Family['type'], help: string, lines: readonly Line[]): void {
    const family = this.#families.get(name) ?? { type, help, lines: new Map() }
    this.#families.set(name, family)
    for (const [name, value] of lines) family.lines.set(name, value)
  }

  /** Puts all series of a name together, as the format requires. */
  text(): string {
    const parts = [...this.#families].flatMap(([name, { type, help, lines }]) => [
      `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
      `# TYPE ${name} ${type}`,
      ...[...lines].map(([series, value]) => `${series} ${value}`),
    ])
    return parts.map((part) => `${part}\n`).join('')
  }
}

function addFigure(
  families: Families,
  run: Labels,
  { stage, type, scope, member, values }: Summary,
  specs: SummarySpecs,
  name: string,
  figure: Figure
): void {
  const value = values[name]
  if (value === undefined || value === null) return
  const place: Labels = { ...run, stage, scope, member }
  // The trainer's figures do not become names of series, because their number is unknown.
  const isDeclared = Object.hasOwn(specs.get(type)?.figures ?? {}, name)
  const family = isDeclared ? familyName(type, name) : familyName(type)
  const labels: Labels = isDeclared ? place : { ...place, name }
  const help = figure.unit ? `${figure.means} (${figure.unit})` : figure.means
  const add = (suffix: string, own: Labels, item: unknown) =>
    families.add(family + suffix, 'gauge', help, { ...labels, ...own }, item)
  switch (figure.kind) {
    case 'verdict':
      for (const word of Object.keys(figure.words)) {
        add('', { value: word }, word === value ? 1 : 0)
      }
      return
    case 'text':
      add('_info', { text: String(value) }, 1)
      return
    case 'histogram':
      families.addLines(family, 'histogram', help, buckets(family, labels, value as Histogram))
      return
    default: {
      const list = listed(figure)
      const rows = list?.rows(newest(figure, value) as never).slice(0, mostRows)
      if (!list) add('', {}, value)
      for (const row of rows ?? []) addRow(list!.columns, row, add)
    }
  }
}

/** The last point of a series over steps. A Prometheus server keeps the earlier ones itself. */
function newest(figure: Figure, value: unknown): unknown {
  if (figure.kind !== 'steps') return value
  const { steps, values } = value as Lines
  return { steps: steps.slice(-1), values: values.map((line) => line.slice(-1)) }
}

/**
 * Adds a row of a list. Its keys become labels, each number becomes a series, and each text becomes the label of a series with
 * value 1.
 */
function addRow(
  columns: readonly Column[],
  row: Row,
  add: (suffix: string, own: Labels, item: unknown) => void
): void {
  const keys: Record<string, string | number> = {}
  columns.forEach(({ name, key }, i) => {
    if (key && name !== 'at') keys[snake(name)] = row[i]!
  })
  columns.forEach(({ name, type, key }, i) => {
    const item = row[i]
    if (key || item === null) return
    const suffix = name === 'value' ? '' : `_${snake(name)}`
    if (type === 'text') add(`${suffix}_info`, { ...keys, text: item! }, 1)
    else add(suffix, keys, item)
  })
}

function buckets(name: string, labels: Labels, { edges, counts }: Histogram): Line[] {
  let total = 0
  const lines = counts.map((count, i): Line => {
    total += count
    return [series(`${name}_bucket`, { ...labels, le: edges[i + 1]! }), total]
  })
  const sum = counts.reduce((all, count, i) => all + (count * (edges[i]! + edges[i + 1]!)) / 2, 0)
  return [
    ...lines,
    [series(`${name}_bucket`, { ...labels, le: '+Inf' }), total],
    // Computed from the middles of the bins.
    [series(`${name}_sum`, labels), sum],
    [series(`${name}_count`, labels), total],
  ]
}

function series(name: string, labels: Labels): string {
  const shown = Object.entries(labels).map(([label, text]) => `${label}="${escaped(String(text))}"`)
  return `${name}{${shown.join()}}`
}

function escaped(text: string): string {
  return plain(text.slice(0, mostLabel)).replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}

function familyName(...parts: readonly string[]): string {
  return ['thalweg', ...parts.map(snake)].join('_')
}

/** Converts `singularValues` to `singular_values`. */
function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/[^a-z0-9_]/g, '_')
}
