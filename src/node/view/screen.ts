import type { Pace } from '../../pipeline/meter.ts'
import {
  type KeyFigure,
  keyFigures,
  mainMetric,
  titleOf,
} from '../../sinks/report/model/key-figures.ts'
import { list, numberOf, rangeOf, told } from '../../sinks/report/model/numbers.ts'
import type { Picture, RunPicture } from '../../sinks/report/model/picture.ts'
import { order, spoken } from '../../sinks/report/model/sentences.ts'
import type { Known, Line } from '../../sinks/report/model/series.ts'
import { besideOf, type Subject, sectionsOf, wholes } from '../../sinks/report/model/subject.ts'
import type { Terminal } from '../terminal.ts'
import { wrap } from '../text.ts'
import { endsOf, sparkline } from './sparkline.ts'
import { cut, fitted, widthOf } from './width.ts'

/** Width of a row's label and of its value, in characters. */
const label = 20
const value = 9
/** Marks show the level without colour. */
const marks = { error: '■', warn: '▲', info: '○' } as const

/**
 * A run for a terminal, in the same order as the page: sentences, then a row for each figure with its null below it, alerts, and
 * layers if there is room. No line is wider than the terminal, and there are no more lines than rows.
 */
export function screenOf(picture: Picture, pace: Pace, terminal: Terminal, rows: number): string[] {
  const run = picture.runs.at(-1)
  const columns = Math.min(100, terminal.columns)
  if (!run) return [cut('waiting for the stream', columns)]
  const subjects = wholes(picture, run)
  const head = [headOf(run, pace, terminal, columns), '']
  const said = sentences(run, subjects, terminal, columns)
  const figures = [heading(run, columns), ...figureRows(run, subjects, terminal, columns)]
  const alerts = alertRows(run, terminal, columns)
  const lines = [...head, ...said, '', ...figures]
  if (alerts.length > 0) lines.push('', ...alerts)
  const layers = layerRows(picture, run, terminal, columns)
  const room = rows - lines.length - 1
  if (room > 2 && layers.length > 1) lines.push('', ...layers.slice(0, room))
  return lines.slice(0, rows)
}

function headOf(run: RunPicture, pace: Pace, { bold }: Terminal, columns: number): string {
  const facts = [
    `step ${told(run.step)}`,
    `${told(pace.framesPerSecond)} frames/s`,
    `${told(pace.bytesPerSecond / 1e6)} MB/s`,
    `lag ${told(Math.floor(pace.lagMs))} ms`,
  ].join(' · ')
  const name = cut(run.run, Math.max(8, columns - facts.length - 3))
  return `${bold(name)}${cut(` · ${facts}`, columns - name.length)}`
}

function sentences(
  run: RunPicture,
  subjects: readonly Subject[],
  terminal: Terminal,
  columns: number
): string[] {
  const colour = { error: terminal.red, warn: terminal.yellow, info: (text: string) => text }
  return spoken(run, subjects, 4).flatMap(({ level, text }) =>
    wrap(text, columns - 4).map(
      (line, i) => `  ${i === 0 ? colour[level](marks[level]) : ' '} ${cut(line, columns - 4)}`
    )
  )
}

/** Width of the sparklines, in characters. */
const sparkWidth = (columns: number): number =>
  Math.max(8, Math.min(40, columns - label - value - 29))

function heading({ from, step }: RunPicture, columns: number): string {
  const width = sparkWidth(columns)
  const steps = fitted(`steps ${told(from)} to ${told(step)}`, label + width, 'right')
  return cut(`  ${steps} ${fitted('last', value, 'right')}  beside`, columns)
}

function row(name: string, bars: string, last: string, beside: string, columns: number): string {
  return cut(
    `  ${fitted(name, label)}${bars} ${fitted(last, value, 'right')}  ${beside}`,
    columns
  ).trimEnd()
}

function figureRows(
  run: RunPicture,
  subjects: readonly Subject[],
  { dim }: Terminal,
  columns: number
): string[] {
  const width = sparkWidth(columns)
  const rows: string[] = []
  const main = mainMetric(run)
  const line = main?.own.series.lines[String(main.at)]
  if (main && line) {
    const [first] = line.low.filter((one) => one !== null)
    rows.push(
      row(
        main.name,
        sparkline(line.low, width),
        told(main.own.last[main.at]?.value),
        `from ${told(first)}`,
        columns
      )
    )
  }
  const sorted = [...keyFigures(subjects)].sort(
    (a, b) => Number(b.figure.overview ?? 0) - Number(a.figure.overview ?? 0)
  )
  for (const key of sorted.slice(0, 6)) {
    const { subject, figure } = key
    const own = lineAt(subject, key.key)
    const none = lineAt(subject, figure.null)
    if (!own) continue
    const range =
      figure.kind === 'share' ? ([0, 1] as const) : endsOf([...own.low, ...(none?.low ?? [])])
    rows.push(
      row(
        nameOf(figure),
        sparkline(own.low, width, range),
        numberOf(figure, key.value),
        rangeBeside(key, columns - label - width - value - 5),
        columns
      )
    )
    if (none) rows.push(dim(nullRow(key, none.low, width, range, columns)))
  }
  return rows
}

/** A figure's title. The unit is left out if there is no room. */
function nameOf(figure: KeyFigure['figure']): string {
  const title = titleOf(figure)
  return widthOf(title) > label ? titleOf({ ...figure, unit: undefined }) : title
}

/** An interval, with fewer digits if there is no room, so that no number is cut. */
function rangeBeside({ figure, interval }: KeyFigure, room: number): string {
  if (interval === undefined) return ''
  const [low, high] = list(interval)
  const whole = `95 %: ${rangeOf(figure, interval)}`
  return widthOf(whole) <= room ? whole : `95 %: ${told(low, 2)} to ${told(high, 2)}`
}

function nullRow(
  { subject, figure }: KeyFigure,
  values: readonly Known[],
  width: number,
  range: readonly [number, number],
  columns: number
): string {
  const own = subject.scope.values[figure.null!]
  const scatter = figure.scatter === undefined ? '' : besideOf(subject, figure).replace(/^.*±/, '±')
  return row('   null', sparkline(values, width, range), numberOf(figure, own), scatter, columns)
}

function lineAt({ scope }: Subject, key: string | undefined): Line | undefined {
  const lines = scope.series?.lines
  return lines && key !== undefined && Object.hasOwn(lines, key) ? lines[key] : undefined
}

function alertRows({ alerts }: RunPicture, terminal: Terminal, columns: number): string[] {
  const colour = { error: terminal.red, warn: terminal.yellow, info: terminal.dim }
  const sorted = [...alerts].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level))
  return sorted.slice(0, 4).map(({ id, level, stretches, times }) => {
    const [from, to] = stretches.at(-1)!
    const when = from === to ? `step ${told(from)}` : `steps ${told(from)} to ${told(to)}`
    const often = times > 1 ? `, ${times} times` : ''
    return `  ${colour[level](marks[level])} ${cut(`${fitted(id, 26)} ${when}${often}`, columns - 4)}`
  })
}

/** A row for each scope of the first section that has several scopes. */
function layerRows(
  picture: Picture,
  run: RunPicture,
  { dim }: Terminal,
  columns: number
): string[] {
  const subjects = sectionsOf(picture, run).find((one) => one.length > 1) ?? []
  const [first] = subjects.slice(0, 1).flatMap((subject) => keyFigures([subject]))
  if (!first) return []
  const width = sparkWidth(columns)
  const title = fitted(first.subject.section.stage, label)
  const head = dim(
    cut(
      `  ${title}${fitted(titleOf(first.figure), width)} ${fitted('last', value, 'right')}`,
      columns
    )
  )
  const rows = subjects.slice(0, 12).flatMap((subject) => {
    const key = keyFigures([subject]).find(({ name }) => name === first.name)
    const line = key && lineAt(subject, key.key)
    if (!key || !line) return []
    const range = key.figure.kind === 'share' ? ([0, 1] as const) : endsOf(line.low)
    const name = subject.scope.scope.replace(/^\w+:/, '')
    return [
      row(
        name,
        sparkline(line.low, width, range),
        numberOf(key.figure, key.value),
        besideOf(subject, key.figure),
        columns
      ),
    ]
  })
  return [head, ...rows]
}
