import { columns } from '../../node/text.ts'
import {
  type AnyValues,
  companions,
  type Figure,
  type Figures,
  type Graph,
  type Lines,
  type Matrix,
  type TableFigure,
} from '../../spec/figures.ts'
import { counted } from '../../stage/words.ts'
import { cell, isNumber, list, none, show } from './cells.ts'

/** How many rows of one kind are shown. The number of omitted rows is stated. */
export const mostRows = 24

/** Widest matrix that is printed. */
const mostColumns = 12

/** All figures of one summary as paragraphs. Those that begin with two spaces already have their layout, within `width` columns. */
export function figuresOf(figures: Figures, values: AnyValues, width: number): string[] {
  const beside = companions(figures)
  const known = Object.entries(figures).filter(([name]) => isThere(values[name]))
  const parts = [ranked(known, values, width)]
  for (const [name, figure] of known) {
    if (!beside.has(name) && !isRanked(figure)) parts.push(...large(figure, values[name], width))
  }
  const single = known.flatMap(([name, figure]) =>
    beside.has(name) ? [] : line(figures, figure, values, name)
  )
  const texts = known.flatMap(([name, { kind, title }]) =>
    kind === 'text' ? [`${title}: ${values[name]}`] : []
  )
  return [...parts, columns(single, width), ...texts].filter((part) => part !== '')
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null && !Number.isNaN(value)
}

/** Whether the figure has a value for each rank. */
export function isRanked(figure: Figure): boolean {
  return figure.kind === 'rank' || (figure.kind === 'interval' && figure.over === 'rank')
}

/** What a value is compared with: `null 60.1 ± 1.0 %`. */
export function compared(
  figure: Figure,
  { [figure.null ?? '']: value, [figure.scatter ?? '']: scatter }: AnyValues
): string {
  if (figure.null === undefined) return ''
  const within = isNumber(scatter) ? ` ± ${cell(figure, scatter, 2)}` : ''
  return `null ${cell(figure, value)}${within}`
}

/** All figures over rank, one per column. */
function ranked(
  known: readonly (readonly [string, Figure])[],
  values: AnyValues,
  width: number
): string {
  const shown = known.filter(([, figure]) => isRanked(figure))
  const length = Math.max(0, ...shown.map(([name]) => list(values[name]).length))
  if (length === 0) return ''
  const rows = Array.from({ length: Math.min(length, mostRows) }, (_, i) => [
    String(i + 1),
    ...shown.map(([name, figure]) => cell(figure, list(values[name])[i])),
  ])
  return columns([['', ...shown.map(([, { title }]) => title)], ...rows], width)
}

/** A figure that takes more than one line. */
function large(figure: Figure, value: unknown, width: number): string[] {
  switch (figure.kind) {
    case 'table':
      return [tableOf(figure, list(value) as readonly AnyValues[], width)]
    case 'matrix':
      return [matrixOf(figure.title, value as Matrix, width)]
    case 'spectrum':
      return [spectrumOf(figure.title, value as readonly (readonly [number, number])[])]
    case 'graph':
      return [graphOf(value as Graph)]
    default:
      return []
  }
}

function tableOf(
  { columns: cells }: TableFigure,
  rows: readonly AnyValues[],
  width: number
): string {
  const names = Object.entries(cells)
  return columns(
    [
      ['', ...names.map(([, { title }]) => title)],
      ...rows
        .slice(0, mostRows)
        .map((row, i) => [
          String(i + 1),
          ...names.map(([name, figure]) => cell(figure, row[name])),
        ]),
    ],
    width
  )
}

function matrixOf(title: string, { rows, columns: labels, values }: Matrix, width: number): string {
  if (labels.length > mostColumns) return `${title}: ${rows.length} × ${labels.length}`
  return columns(
    [
      [title, ...labels.map(String)],
      ...values
        .slice(0, mostRows)
        .map((row, i) => [String(rows[i]), ...row.map((x) => show(x, 3))]),
    ],
    width
  )
}

function spectrumOf(title: string, points: readonly (readonly [number, number])[]): string {
  return columns([
    ['', title, 'modulus'],
    ...points.slice(0, mostRows).map(([re, im], i) => {
      const sign = im < 0 ? '−' : '+'
      return [String(i + 1), `${show(re)} ${sign} ${show(Math.abs(im))}i`, show(Math.hypot(re, im))]
    }),
  ])
}

function graphOf({ states, transitions }: Graph): string {
  return columns(
    transitions
      .slice(0, mostRows)
      .map(({ from, to, count }) => [`${states[from]} → ${states[to]}`, counted(count, 'time')])
  )
}

/** A figure in one line: its title, its value, and what it is compared with. */
function line(figures: Figures, figure: Figure, values: AnyValues, name: string): string[][] {
  const value = values[name]
  const { title, unit } = figure
  switch (figure.kind) {
    case 'count':
      return value === 0 ? [] : [[title, cell(figure, value), unit ?? '']]
    case 'scalar':
    case 'share': {
      const interval = figure.interval && figures[figure.interval]
      const range = interval ? `95 %: ${cell(interval, values[figure.interval!])}` : ''
      return [[title, cell(figure, value), compared(figure, values) || range]]
    }
    case 'interval':
      return isRanked(figure) ? [] : [[title, cell(figure, value), unit ?? '']]
    case 'verdict':
      return [[title, cell(figure, value), '']]
    case 'steps': {
      const { steps, values: lines } = value as Lines
      return [
        [title, lines.map((own) => show(own.at(-1))).join(', '), `at step ${steps.at(-1) ?? none}`],
      ]
    }
    default:
      return []
  }
}
