import type { Figure } from '../../../spec/figures.ts'
import { type KeyFigure, titleOf } from '../model/key-figures.ts'
import { list, none, numberOf, rangeOf, told } from '../model/numbers.ts'
import { besideOf, type NamedFigure, type Subject } from '../model/subject.ts'
import { h } from './dom.ts'
import { sparkline, track } from './track.ts'

export function keyTable(figures: readonly KeyFigure[]): HTMLElement | undefined {
  if (figures.length === 0) return undefined
  return h(
    'section',
    { id: 'key-figures', class: 'section', 'aria-labelledby': 'key-figures-name' },
    h(
      'header',
      { class: 'section-head' },
      h('h2', { id: 'key-figures-name' }, 'Key figures'),
      h(
        'p',
        { class: 'quiet legend' },
        h('span', { class: 'key dot' }, 'this run'),
        h('span', { class: 'key pale' }, '95 % interval'),
        h('span', { class: 'key grey' }, 'null and its scatter')
      )
    ),
    h('div', { class: 'key-table' }, figures.map(row))
  )
}

function row({ subject, name, figure, value, interval, key }: KeyFigure): HTMLElement {
  const { section, scope } = subject
  const id = `key-${subject.id}-${name}`
  const lines = scope.series?.lines ?? {}
  const lineAt = (at: string | undefined) =>
    at !== undefined && Object.hasOwn(lines, at) ? lines[at] : undefined
  const scatter = figure.scatter === undefined ? undefined : scope.values[figure.scatter]
  return h(
    'div',
    { class: 'key-row' },
    h(
      'div',
      { class: 'name' },
      h('a', { href: `#${subject.id}` }, titleOf(figure)),
      h(
        'div',
        { class: 'quiet' },
        [
          section.stage,
          name,
          scope.scope === 'model' ? '' : scope.scope,
          section.member ? `member ${section.member}` : '',
        ]
          .filter(Boolean)
          .join(' · ')
      )
    ),
    h(
      'div',
      { class: 'value' },
      h('b', {}, numberOf(figure, value, scatter)),
      h(
        'div',
        { class: 'null-text' },
        interval === undefined ? besideOf(subject, figure) : `95 %: ${rangeOf(figure, interval)}`
      )
    ),
    track(`${id}-track`, subject, figure, value, interval),
    sparkline(`${id}-spark`, [
      { line: lineAt(figure.null), name: 'null' },
      { line: lineAt(key), name: 'ours' },
    ])
  )
}

/** A row in a section's list, for numbers without a null, counts and words. */
export function listRow({ name, figure }: NamedFigure, subject: Subject): HTMLElement | undefined {
  const { scope } = subject
  const value = scope.values[name]
  const lines = scope.series?.lines
  const id = `list-${subject.id}-${name}`
  const texts: Partial<Record<Figure['kind'], () => string>> = {
    scalar: () => told(value),
    share: () => numberOf(figure, value),
    count: () => numberOf(figure, value),
    interval: () => rangesOf(figure, value),
    text: () => String(value ?? none),
    verdict: () => wordsOf(figure, value),
  }
  const text = texts[figure.kind]?.()
  if (text === undefined) return undefined
  const isNumber = ['scalar', 'share', 'count'].includes(figure.kind)
  const isRange = figure.kind === 'interval' && figure.over === undefined
  return h(
    'div',
    { class: isNumber || isRange ? 'list-row' : 'list-row wide', title: figure.means },
    h('dt', {}, titleOf(figure)),
    h(
      'dd',
      {},
      text,
      figure.unit && isNumber
        ? h('span', { class: 'quiet' }, figure.kind === 'count' ? ` ${figure.unit}` : '')
        : ''
    ),
    isNumber && lines && Object.hasOwn(lines, name)
      ? h('dd', { class: 'spark-cell' }, sparkline(id, [{ line: lines[name], name: 'ours' }]))
      : false
  )
}

/** `1 to 300`, or one range for each rank. */
function rangesOf(figure: Figure, value: unknown): string {
  if (figure.kind !== 'interval' || figure.over === undefined) return rangeOf(figure, value)
  return (
    list(value)
      .map((range) => rangeOf(figure, range))
      .join('; ') || none
  )
}

function wordsOf(figure: Figure, value: unknown): string {
  if (figure.kind !== 'verdict' || typeof value !== 'string') return none
  const words = Object.hasOwn(figure.words, value) ? figure.words[value]! : ''
  return `${value}. ${words}`
}
