import { mainMetric } from '../model/key-figures.ts'
import { numberOf, told } from '../model/numbers.ts'
import type { RunPicture } from '../model/picture.ts'
import {
  computedBy,
  lineOf,
  type Subject,
  shownFigures,
  spanOf,
  stepsOf,
} from '../model/subject.ts'
import { alertLanes } from './alerts.ts'
import { chart } from './charts.ts'
import { tableDetails } from './csv.ts'
import { h } from './dom.ts'
import { sliderOf } from './kinds/number.ts'
import { fewestSmoothed, linesDraw } from './lines.ts'
import { sentencesOf } from './sentences.ts'

/** The first screen: sentences, and next to them, on one step axis, the loss, the figures that stages place here, and alerts. */
export function firstScreen(
  run: RunPicture,
  id: string,
  subjects: readonly Subject[]
): HTMLElement {
  return h(
    'section',
    { id, class: 'first-screen', 'aria-labelledby': `${id}-name` },
    h('h2', { id: `${id}-name`, class: 'unseen' }, 'Overview'),
    h('div', { class: 'said' }, sentencesOf(run, subjects)),
    h(
      'div',
      { class: 'stack' },
      lossChart(run, id),
      overviewCharts(run, id, subjects),
      alertLanes(run, `${id}-alerts`)
    )
  )
}

function lossChart(run: RunPicture, id: string): HTMLElement | false {
  const main = mainMetric(run)
  if (!main) return false
  const { own, at, name } = main
  const line = own.series.lines[String(at)]
  if (!line) return false
  const { steps, every } = own.series
  const last = own.last[at]
  return h(
    'figure',
    { id: `${id}-loss`, 'aria-labelledby': `${id}-loss-title` },
    h('h3', { id: `${id}-loss-title` }, name.charAt(0).toUpperCase() + name.slice(1)),
    chart(
      `${id}-loss`,
      linesDraw({
        steps,
        span: spanOf(run),
        lines: [{ label: name, values: line.low, high: line.high, colour: 'ours', smooth: true }],
        format: (value) => told(value),
        height: 150,
      }),
      sliderOf({ run }, `${name}, last ${told(last?.value)} at step ${told(last?.step)}`)
    ),
    steps.length >= fewestSmoothed &&
      h(
        'p',
        { class: 'quiet' },
        `Pale: ${every > 1 ? `least and greatest of ${every} summaries` : 'single steps'}. Line: smoothed.`
      ),
    tableDetails(`${id}-loss`, name, () => ({
      columns: ['step', ...own.names],
      rows: steps.map((step, i) => [
        step,
        ...own.names.map((_, j) => own.series.lines[String(j)]?.high[i] ?? null),
      ]),
    }))
  )
}

function overviewCharts(run: RunPicture, id: string, subjects: readonly Subject[]): HTMLElement[] {
  return subjects.flatMap((subject) => {
    if (subject.section.member !== 0) return []
    return shownFigures(subject).flatMap(({ name, figure }) => {
      const line = figure.overview ? lineOf(subject, name) : undefined
      if (!line) return []
      const own = `${id}-${subject.id}-${name}`
      const format = (value: number) => numberOf(figure, value)
      const steps = stepsOf(subject)
      return [
        h(
          'figure',
          { id: own, 'aria-labelledby': `${own}-title` },
          h('h3', { id: `${own}-title` }, figure.title),
          chart(
            own,
            linesDraw({
              steps,
              span: spanOf(run),
              lines: [{ label: '', ...line, colour: 'ours', smooth: true }],
              format,
              kind: figure.kind,
              height: 130,
            }),
            sliderOf(
              { run },
              `${figure.title}, last ${format(subject.scope.values[name] as number)}`
            )
          ),
          h(
            'details',
            { class: 'how' },
            h('summary', {}, 'How to read this'),
            h(
              'dl',
              {},
              h('dt', {}, 'Shows'),
              h('dd', {}, figure.means),
              h('dt', {}, 'Computed'),
              h('dd', {}, computedBy(subject)),
              h('dt', {}, 'Misleads'),
              h('dd', {}, figure.misleads ?? 'Nothing is known.')
            )
          )
        ),
      ]
    })
  })
}
