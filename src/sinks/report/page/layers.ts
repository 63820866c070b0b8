import { titleOf } from '../model/key-figures.ts'
import { isKnown, list, numberOf } from '../model/numbers.ts'
import { besideOf, lineOf, type NamedFigure, type Subject, shownFigures } from '../model/subject.ts'
import { chart } from './charts.ts'
import { tableDetails } from './csv.ts'
import { h, s } from './dom.ts'
import { middles } from './lines.ts'
import { sparkline, track } from './track.ts'

const mostRows = 12
const mostFigures = 2
/** If there are more scopes than this, they are drawn as a strip of scope by step. */
const stripFrom = 100

/** A row for each scope: its headline figures with their nulls, and how they developed. The most unusual scopes come first. */
export function layersTable(subjects: readonly Subject[]): HTMLElement {
  const [first] = subjects as [Subject]
  const figures = headlines(subjects)
  const sorted = subjects.length > mostRows ? byUnusual(subjects, figures[0]) : subjects
  const rest = sorted.slice(mostRows)
  const { left } = first.section
  return h(
    'div',
    { class: 'layers' },
    subjects.length > stripFrom && figures[0] && strip(subjects, figures[0]),
    sorted.slice(0, mostRows).map((subject) => row(subject, figures)),
    rest.length > 0 &&
      h(
        'details',
        {},
        h('summary', {}, `${rest.length} more, less unusual`),
        rest.slice(0, 200).map((subject) => row(subject, figures))
      ),
    left > 0 && h('p', { class: 'quiet' }, `${left} more scopes are in the summaries, not here.`),
    tableDetails(`${first.id}-layers`, 'all scopes', () => tableOf(subjects))
  )
}

/**
 * The figures that are shown for each scope, out of those that are known in some scope: the ones with a null, an interval or a
 * place in the overview, or, if there are none, all of them.
 */
function headlines(subjects: readonly Subject[]): NamedFigure[] {
  const numbers = shownFigures(subjects[0]!).filter(({ figure: { kind } }) =>
    ['scalar', 'share', 'rank'].includes(kind)
  )
  const known = numbers.filter((named) =>
    subjects.some((subject) => isKnown(headline(subject, named)))
  )
  const some = known.length > 0 ? known : numbers
  const strong = some.filter(({ figure }) => figure.null ?? figure.interval ?? figure.overview)
  return (strong.length > 0 ? strong : some).slice(0, mostFigures)
}

function headline({ scope }: Subject, { name, figure }: NamedFigure): unknown {
  const value = scope.values[name]
  return figure.kind === 'rank' ? list(value)[0] : value
}

function byUnusual(subjects: readonly Subject[], named: NamedFigure | undefined): Subject[] {
  if (!named) return [...subjects]
  const values = subjects.map((subject) => headline(subject, named))
  const known = values.filter(isKnown).sort((a, b) => a - b)
  const median = known[Math.floor(known.length / 2)] ?? 0
  const distance = (subject: Subject): number => {
    const value = headline(subject, named)
    const none = subject.scope.values[named.figure.null ?? '']
    if (!isKnown(value)) return -1
    return Math.abs(value - (isKnown(none) ? none : median))
  }
  return [...subjects].sort((a, b) => distance(b) - distance(a))
}

function row(subject: Subject, figures: readonly NamedFigure[]): HTMLElement {
  return h(
    'div',
    { class: 'layer-row' },
    h('div', { class: 'name' }, subject.scope.scope),
    figures.map((named) => {
      const { name, figure } = named
      const key = figure.kind === 'rank' ? `${name}[0]` : name
      const lines = subject.scope.series?.lines
      const value = headline(subject, named)
      const range =
        figure.kind === 'rank' && figure.interval
          ? list(subject.scope.values[figure.interval])[0]
          : undefined
      const id = `layer-${subject.id}-${name}`
      return h(
        'div',
        { class: 'layer-cell' },
        h('div', { class: 'quiet' }, titleOf(figure)),
        h('b', {}, numberOf(figure, value)),
        figure.null !== undefined &&
          h('span', { class: 'null-text' }, ` ${besideOf(subject, figure)}`),
        figure.null !== undefined && track(`${id}-track`, subject, figure, value, range),
        sparkline(`${id}-spark`, [
          { line: lines?.[figure.null ?? ''], name: 'null' },
          { line: lines?.[key], name: 'ours' },
        ])
      )
    })
  )
}

/** Scope by step in one hue. Darker is larger. */
function strip(subjects: readonly Subject[], named: NamedFigure): HTMLElement {
  const key = named.figure.kind === 'rank' ? `${named.name}[0]` : named.name
  const rows = subjects.flatMap((subject) => {
    const line = lineOf(subject, key)
    return line ? [middles(line.values, line.high)] : []
  })
  const known = rows.flat().filter(isKnown)
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const title = `${titleOf(named.figure)} by scope (down) and step (across), ${numberOf(named.figure, low)} to ${numberOf(named.figure, high)}`
  return h(
    'figure',
    { class: 'strip' },
    h('figcaption', { class: 'quiet' }, `${title}. A stronger colour is larger.`),
    chart(`${subjects[0]!.id}-strip`, (host, width) => {
      const tall = 3
      const marks = rows.flatMap((row, i) =>
        row.flatMap((value, j) => {
          const shade = isKnown(value) ? Math.round((9 * (value - low)) / (high - low || 1)) : 0
          const wide = width / row.length
          return shade === 0
            ? []
            : [
                s('rect', {
                  class: `heat-${shade}`,
                  x: j * wide,
                  y: i * tall,
                  width: wide + 0.3,
                  height: tall,
                }),
              ]
        })
      )
      host.replaceChildren(
        s('svg', { width, height: rows.length * tall, role: 'img', 'aria-label': title }, marks)
      )
    })
  )
}

function tableOf(subjects: readonly Subject[]) {
  const names = shownFigures(subjects[0]!).filter(({ figure: { kind } }) =>
    ['scalar', 'share', 'count', 'verdict'].includes(kind)
  )
  return {
    columns: ['scope', 'step', ...names.map(({ name }) => name)],
    rows: subjects.map(({ scope }) => [
      scope.scope,
      scope.step,
      ...names.map(({ name }) => scope.values[name] ?? null),
    ]),
  }
}
