import type { Level } from '../../../stage/define.ts'
import type { Lane } from '../model/lanes.ts'
import type { RunPicture } from '../model/picture.ts'
import { h } from './dom.ts'
import { markOf, order, wordOf } from './level.ts'
import { isKnown, told } from './numbers.ts'
import type { Subject } from './subject.ts'

/** Most sentences of the first screen. */
const most = 6

interface Ranked {
  readonly level: Level
  readonly text: string
  /** Where it is from, in a line. */
  readonly source: string
  /** How far its figure lies from its null, in units of the scatter where that is known; -1 without a null. */
  readonly distance: number
}

/** What was seen, with what is unusual first: by level, then by the distance from a null. */
export function sentencesOf(run: RunPicture, subjects: readonly Subject[]): HTMLElement {
  const all = [
    ...run.alerts.filter(({ level }) => level !== 'info').map(ofAlert),
    ...subjects.flatMap(saidBy),
  ]
  const seen = new Set<string>()
  const shown = all
    .filter(({ text }) => !seen.has(text) && seen.add(text))
    .sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level) || b.distance - a.distance)
    .slice(0, most)
  return h(
    'ol',
    { class: 'sentences' },
    shown.map(({ level, text, source }, i) => {
      const mark = level === 'info' && i > 1 ? 'plain' : level
      return h(
        'li',
        { class: i < 2 || level !== 'info' ? 'first' : 'other' },
        markOf(mark),
        wordOf[mark] !== '' && h('span', { class: 'unseen' }, `${wordOf[mark]}: `),
        h('span', { class: 'text' }, text),
        h('span', { class: 'quiet source' }, source)
      )
    })
  )
}

function saidBy({ run, section, scope, told: { figures } }: Subject): Ranked[] {
  return scope.said.map(({ level, text, figure }) => {
    const own = figure === undefined ? undefined : figures[figure]
    const [value, none, scatter] = [figure, own?.null, own?.scatter].map((name) =>
      name === undefined ? undefined : scope.values[name]
    )
    const isFar = isKnown(value) && isKnown(none)
    const distance = isFar
      ? Math.abs(value - none) / (isKnown(scatter) && scatter > 0 ? scatter : 1)
      : -1
    const where = [
      section.stage,
      own?.title,
      scope.scope === 'model' ? '' : scope.scope,
      section.member ? `member ${section.member}` : '',
      run.end ? `to step ${told(scope.step)}` : `so far, to step ${told(scope.step)}`,
    ]
    return { level, text, source: where.filter(Boolean).join(' · '), distance }
  })
}

function ofAlert({ id, level, message, times, stretches }: Lane): Ranked {
  const [from, to] = stretches.at(-1)!
  const when = from === to ? `at step ${told(from)}` : `steps ${told(from)} to ${told(to)}`
  const often = times > 1 ? `${times} times, last ${when}` : when
  const sentence = message.charAt(0).toUpperCase() + message.slice(1)
  return {
    level,
    text: /[.!?]$/.test(sentence) ? sentence : `${sentence}.`,
    source: `alert ${id} · ${often}`,
    distance: 0,
  }
}
