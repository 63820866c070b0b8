import type { Level } from '../../../stage/define.ts'
import type { Lane } from './lanes.ts'
import { isKnown, told } from './numbers.ts'
import type { RunPicture } from './picture.ts'
import type { Subject } from './subject.ts'

/** Levels, the most serious first. */
export const order: readonly Level[] = ['error', 'warn', 'info']

/** A sentence of the first screen. */
export interface Spoken {
  readonly level: Level
  readonly text: string
  /** Where it comes from, in one line. */
  readonly source: string
  /** Distance of its figure from its null, in units of the scatter if that is known; -1 without a null. */
  readonly distance: number
}

/** The sentences of a run, the most unusual first: by level, then by the distance from a null. */
export function spoken(run: RunPicture, subjects: readonly Subject[], most: number): Spoken[] {
  const warnings = run.alerts.filter(({ level }) => level !== 'info')
  const seen = new Set<string>()
  return [...warnings.map(ofAlert), ...subjects.flatMap(saidBy)]
    .filter(({ text }) => !seen.has(text) && seen.add(text))
    .sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level) || b.distance - a.distance)
    .slice(0, most)
}

function saidBy({ run, section, scope, told: { figures } }: Subject): Spoken[] {
  return scope.said.map(({ level, text, figure }) => {
    const own = figure === undefined ? undefined : figures[figure]
    const [value, none, scatter] = [figure, own?.null, own?.scatter].map((name) =>
      name === undefined ? undefined : scope.values[name]
    )
    const isBeside = isKnown(value) && isKnown(none)
    const unit = isKnown(scatter) && scatter > 0 ? scatter : 1
    const where = [
      section.stage,
      own?.title,
      scope.scope === 'model' ? '' : scope.scope,
      section.member ? `member ${section.member}` : '',
      run.end ? `to step ${told(scope.step)}` : `so far, to step ${told(scope.step)}`,
    ]
    const distance = isBeside ? Math.abs(value - none) / unit : -1
    return { level, text, source: where.filter(Boolean).join(' · '), distance }
  })
}

function ofAlert({ id, level, message, times, stretches }: Lane): Spoken {
  const when = stepsOf(stretches.at(-1)!)
  const often = times > 1 ? `${times} times, last ${when}` : when
  // If a rule's message begins with the name of a figure, the name is not capitalised.
  const isWord = /^[a-z]+(?![\w.[])/.test(message)
  const sentence = isWord ? message.charAt(0).toUpperCase() + message.slice(1) : message
  const text = /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
  return { level, text, source: `alert ${id} · ${often}`, distance: 0 }
}

function stepsOf([from, to]: Lane['stretches'][number]): string {
  return from === to ? `at step ${told(from)}` : `steps ${told(from)} to ${told(to)}`
}
