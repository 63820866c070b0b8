import type { Lane } from '../model/lanes.ts'
import { told } from '../model/numbers.ts'
import type { RunPicture } from '../model/picture.ts'
import { order } from '../model/sentences.ts'
import { spanOf } from '../model/subject.ts'
import { chart, plotLeft } from './charts.ts'
import { h, s } from './dom.ts'
import { sliderOf } from './kinds/number.ts'
import { joinStepLine, shownSpan } from './step-line.ts'

const laneHeight = 20
/** How many lanes are shown at once. The others are folded. */
const mostLanes = 6

/** Alerts as lanes on the step axis: a mark where an alert began, and a bar for as long as it lasted. */
export function alertLanes(run: RunPicture, id: string): HTMLElement {
  const lanes = [...run.alerts].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level))
  const title = h('h3', { id: `${id}-title` }, 'Alerts')
  if (lanes.length === 0)
    return h('figure', { id }, title, h('p', { class: 'quiet' }, 'None was raised.'))
  const words = lanes.map((lane) => `${lane.level} ${lane.id} ${lane.times} times`).join(', ')
  const shown = lanes.slice(0, mostLanes)
  return h(
    'figure',
    { id, 'aria-labelledby': `${id}-title` },
    title,
    chart(
      id,
      (host, width) => draw(host, width, run, shown),
      sliderOf({ run }, `Alerts: ${words}`)
    ),
    h(
      'details',
      { class: 'how' },
      h('summary', {}, lanes.length === 1 ? 'In words' : `All ${lanes.length}, in words`),
      h(
        'ul',
        { class: 'alerts' },
        lanes.map((lane) =>
          h('li', {}, h('b', {}, lane.id), ` (${lane.level}) ${lane.message}; ${whenOf(lane)}`)
        )
      )
    )
  )
}

function whenOf({ stretches }: Lane): string {
  const shown = stretches
    .slice(-5)
    .map(([from, to]) => (from === to ? told(from) : `${told(from)}–${told(to)}`))
  return `steps ${stretches.length > 5 ? '… ' : ''}${shown.join(', ')}`
}

function draw(host: HTMLElement, width: number, run: RunPicture, lanes: readonly Lane[]): void {
  const span = spanOf(run)
  const [from, to] = shownSpan(span)
  const frame = [plotLeft, width - (width < 480 ? 82 : 116)] as const
  const x = (step: number) => frame[0] + ((step - from) / (to - from)) * (frame[1] - frame[0])
  const height = lanes.length * laneHeight + 4
  const rule = s('line', { class: 'step', y1: 0, y2: height, visibility: 'hidden' })
  host.replaceChildren(
    s(
      'svg',
      { width, height, 'aria-hidden': 'true' },
      lanes.map(({ id, level, stretches }, i) => {
        const y = (i + 0.5) * laneHeight
        const inside = stretches.filter(([a, b]) => b >= from && a <= to)
        return [
          s('line', { class: 'rule', x1: frame[0], x2: frame[1], y1: y, y2: y }),
          inside.map(([a, b]) => [
            b > a &&
              s('line', {
                class: `lane ${level}`,
                x1: x(Math.max(a, from)),
                x2: x(Math.min(b, to)),
                y1: y,
                y2: y,
              }),
            mark(level, x(Math.max(a, from)), y),
          ]),
          s(
            'text',
            { class: `lane-name ${level}`, x: frame[1] + 8, y: y + 4 },
            short(id, width - frame[1] - 10)
          ),
        ]
      }) as never,
      rule
    )
  )
  joinStepLine(host, {
    steps: lanes.flatMap(({ stretches }) => stretches.map(([step]) => step)).sort((a, b) => a - b),
    span,
    frame,
    showStep(step) {
      rule.setAttribute('visibility', step === undefined ? 'hidden' : 'visible')
      if (step === undefined) return
      rule.setAttribute('x1', String(x(step)))
      rule.setAttribute('x2', String(x(step)))
      const here = lanes.filter(({ stretches }) =>
        stretches.some(([a, b]) => a <= step && step <= b)
      )
      host.setAttribute('aria-valuenow', String(Math.round(step)))
      host.setAttribute(
        'aria-valuetext',
        `step ${Math.round(step)}: ${here.map(({ id }) => id).join(', ') || 'none'}`
      )
    },
    zoomed: () => draw(host, width, run, lanes),
  })
}

function mark(level: Lane['level'], x: number, y: number): SVGElement {
  const name = `mark ${level}`
  if (level === 'error') return s('rect', { class: name, x: x - 4, y: y - 4, width: 8, height: 8 })
  if (level === 'warn') return s('path', { class: name, d: `M${x} ${y - 5}l5 9h-10Z` })
  return s('circle', { class: name, cx: x, cy: y, r: 4 })
}

function short(id: string, width: number): string {
  const own = id.slice(id.indexOf('/') + 1)
  const most = Math.floor(width / 6.2)
  return own.length > most ? `${own.slice(0, most - 1)}…` : own
}
