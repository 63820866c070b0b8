import type { RunPicture } from '../model/picture.ts'
import { spoken } from '../model/sentences.ts'
import type { Subject } from '../model/subject.ts'
import { h } from './dom.ts'
import { markOf, wordOf } from './level.ts'

/** How many sentences are emphasised. */
const mostFirst = 2

/** The sentences of the first screen. */
export function sentencesOf(run: RunPicture, subjects: readonly Subject[], most = 6): HTMLElement {
  return h(
    'ol',
    { class: 'sentences' },
    spoken(run, subjects, most).map(({ level, text, source }, i) => {
      const mark = level === 'info' && i >= mostFirst ? 'plain' : level
      return h(
        'li',
        { class: i < mostFirst || level !== 'info' ? 'first' : 'other' },
        markOf(mark),
        wordOf[mark] !== '' && h('span', { class: 'unseen' }, `${wordOf[mark]}: `),
        // Keeps a number and its % on one line.
        h('span', { class: 'text' }, text.replace(/(?<=\d) %/g, '\u00a0%')),
        h('span', { class: 'quiet source' }, source)
      )
    })
  )
}
