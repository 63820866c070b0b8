import { grouped } from '../../../stage/words.ts'
import { isKnown, numberOf, told, typeset } from '../model/numbers.ts'
import type { Picture, RunPicture } from '../model/picture.ts'
import { h } from './dom.ts'

/** How the run was made: what came, how it ended, and what analysed it, from the `run` summary and its environment. */
export function made(run: RunPicture, { told: { run: spec } }: Picture, id: string): HTMLElement {
  const figures = Object.entries(spec?.figures ?? {})
  const rows = figures.map(([name, figure]) => {
    const value = run.end?.values[name]
    const text = isKnown(value) ? numberOf(figure, value) : String(value ?? '–')
    return [figure.title, figure.unit ? `${text} ${figure.unit}` : text]
  })
  const environment = Object.entries(run.end?.environment ?? {}).map(([name, value]) => [
    inWords(name),
    isKnown(value) ? (value < 1e4 ? told(value, 4) : typeset(grouped(value))) : String(value),
  ])
  const stages = run.sections.map(
    ({ stage, type, member, scopes, left }) =>
      `${stage}${stage === type ? '' : ` (${type})`}, member ${member}, ${scopes.length + left === 1 ? scopes[0]?.scope : `${scopes.length + left} scopes`}`
  )
  const list = (entries: readonly (readonly string[])[]) =>
    h(
      'dl',
      { class: 'facts' },
      entries.map(([term, text]) => [h('dt', {}, term), h('dd', {}, text)]) as never
    )
  return h(
    'section',
    { id, class: 'section', 'aria-labelledby': `${id}-name` },
    h('header', { class: 'section-head' }, h('h2', { id: `${id}-name` }, 'How it was made')),
    h(
      'div',
      { class: 'grid' },
      h(
        'div',
        { class: 'span-6' },
        h('h3', {}, 'Stages'),
        h(
          'ul',
          {},
          [...new Set(stages)].map((text) => h('li', {}, text))
        )
      ),
      h(
        'div',
        { class: 'span-6' },
        h('h3', {}, run.end ? 'Stream' : 'Stream, so far'),
        run.end ? list(rows) : h('p', {}, `Step ${told(run.step)}.`),
        environment.length > 0 && h('h3', {}, 'Environment'),
        list(environment)
      )
    )
  )
}

/** Converts `framesPerSecond` to `Frames per second`. */
function inWords(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}
