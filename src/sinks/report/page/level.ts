import type { Level } from '../../../stage/define.ts'
import { s } from './dom.ts'

/** The mark of a level. Marks differ by shape as well as by colour. */
export function markOf(level: Level | 'plain'): SVGSVGElement {
  const shape = {
    error: () => s('rect', { x: 2, y: 2, width: 10, height: 10 }),
    warn: () => s('path', { d: 'M7 1.5 13 12.5H1Z' }),
    info: () => s('circle', { cx: 7, cy: 7, r: 4.4 }),
    plain: () => s('circle', { cx: 7, cy: 7, r: 2 }),
  }[level]()
  return s(
    'svg',
    { class: `mark ${level}`, width: 14, height: 14, viewBox: '0 0 14 14', 'aria-hidden': 'true' },
    shape
  )
}

/** What the mark says, for readers who cannot see it. */
export const wordOf = { error: 'Error', warn: 'Warning', info: 'Note', plain: '' } as const
