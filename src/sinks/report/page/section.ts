import type { Level } from '../../../stage/define.ts'
import { told } from '../model/numbers.ts'
import { type Subject, shownFigures } from '../model/subject.ts'
import { h } from './dom.ts'
import { listRow } from './key-figures.ts'
import { chartsOf } from './kinds/index.ts'
import { layersTable } from './layers.ts'
import { markOf } from './level.ts'

/** A stage's section: its question, its findings, its charts, and a list of its other figures. */
export function sectionOf(subjects: readonly Subject[]): HTMLElement {
  const [first] = subjects as [Subject]
  const { section, told: spec, id } = first
  const name = `${id}-name`
  const inside = subjects.length > 1 || section.left > 0 ? [layersTable(subjects)] : wholeOf(first)
  return h(
    'section',
    { id, class: 'section', 'aria-labelledby': name },
    h(
      'header',
      { class: 'section-head' },
      h('h2', { id: name }, nameOf(first)),
      subjects.length === 1 && chipsOf(first),
      h('p', { class: 'quiet' }, spec.asks)
    ),
    inside,
    whyOf(subjects)
  )
}

export function nameOf({ section: { stage, type, member } }: Subject): string {
  const parts = [stage, stage === type ? '' : `(${type})`, member > 0 ? `member ${member}` : '']
  return parts.filter(Boolean).join(' ')
}

function wholeOf(subject: Subject): HTMLElement[] {
  const figures = shownFigures(subject)
  const charts = figures.flatMap((named) => chartsOf(subject, named))
  const rows = figures.flatMap((named) => {
    const isDrawn = chartsOf(subject, named).length > 0
    const row = isDrawn ? undefined : listRow(named, subject)
    return row ? [row] : []
  })
  return [
    h('div', { class: 'grid' }, charts),
    ...(rows.length > 0 ? [h('dl', { class: 'list' }, rows)] : []),
  ]
}

/** A chip for each verdict about which the stage has a sentence. */
function chipsOf({ told: { figures }, scope }: Subject): HTMLElement[] {
  return scope.said.flatMap(({ figure, level }) => {
    const spec = figure === undefined ? undefined : figures[figure]
    const value = scope.values[figure ?? '']
    if (spec?.kind !== 'verdict' || typeof value !== 'string') return []
    if (!Object.hasOwn(spec.words, value)) return []
    return [chip(level, `${spec.words[value]!.replace(/\.$/, '')} · to step ${told(scope.step)}`)]
  })
}

function chip(level: Level, text: string): HTMLElement {
  return h('span', { class: `chip ${level}` }, markOf(level), text)
}

function whyOf(subjects: readonly Subject[]): HTMLElement | false {
  const whys = new Set(subjects.map(({ scope }) => scope.values.why))
  const [why] = whys
  if (whys.size !== 1 || typeof why !== 'string') return false
  return h('p', { class: 'quiet why' }, `Why: ${why}.`)
}
