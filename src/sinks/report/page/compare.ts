import { keyFigures, mainMetric, titleOf } from '../model/key-figures.ts'
import { numberOf, rangeOf, told } from '../model/numbers.ts'
import type { Picture, RunPicture } from '../model/picture.ts'
import { besideOf, type Subject, stepsOf, wholes } from '../model/subject.ts'
import { chart } from './charts.ts'
import { h } from './dom.ts'
import { layersOf, sliderOf } from './kinds/number.ts'
import { linesDraw, middles, smoothed } from './lines.ts'
import { runList } from './run-list.ts'
import { sentencesOf } from './sentences.ts'
import { styleOfRun } from './theme.ts'
import { track } from './track.ts'

/** How many runs are drawn side by side at most: the last ones that came. */
export const mostRuns = 6

/** Several runs: their losses in one chart, their key figures in one table, and each figure with its own null. */
export function comparison(picture: Picture): HTMLElement[] {
  const { runs } = picture
  const shown = runs.slice(-mostRuns)
  const left = picture.came - shown.length
  const all = shown.map((run) => ({ run, subjects: wholes(picture, run) }))
  return [
    h(
      'section',
      { id: 'comparison', class: 'first-screen', 'aria-labelledby': 'comparison-name' },
      h('h2', { id: 'comparison-name', class: 'unseen' }, 'Comparison'),
      h(
        'div',
        { class: 'said' },
        all.map(({ run, subjects }, i) => [
          h('h3', { class: 'run-name' }, swatch(i), nameOf(run, i, shown)),
          sentencesOf(run, subjects, 2),
        ]) as never,
        h('p', { class: 'text' }, 'One run each: a difference between runs may be chance.'),
        left > 0 &&
          h(
            'p',
            { class: 'quiet' },
            `These are the last ${shown.length} of ${picture.came} runs. The others are listed below.`
          )
      ),
      h('div', { class: 'stack' }, losses(shown))
    ),
    keyTable(all, shown),
    ...multiples(all, shown),
    ...(left > 0 ? [runList(picture)] : []),
  ]
}

export function nameOf({ run }: RunPicture, index: number, runs: readonly RunPicture[]): string {
  return runs.filter((one) => one.run === run).length > 1 ? `${run} (${index + 1})` : run
}

function swatch(index: number): HTMLElement {
  return h('span', { class: `swatch swatch-${index % 6}`, 'aria-hidden': 'true' })
}

function losses(runs: readonly RunPicture[]): HTMLElement | false {
  const lines = runs.flatMap((run, i) => {
    const main = mainMetric(run)
    const line = main?.own.series.lines[String(main.at)]
    if (!main || !line) return []
    return [
      {
        run,
        i,
        steps: main.own.series.steps,
        name: main.name,
        values: smoothed(middles(line.low, line.high)),
      },
    ]
  })
  if (lines.length === 0) return false
  const steps = [...new Set(lines.flatMap(({ steps }) => steps))].sort((a, b) => a - b)
  const span = [
    Math.min(...runs.map(({ from }) => from)),
    Math.max(...runs.map(({ step }) => step)),
  ] as const
  const at = (own: readonly number[], values: readonly (number | null)[]) => {
    const known = new Map(own.map((step, i) => [step, values[i] ?? null]))
    let last: number | null = null
    const end = own.at(-1) ?? 0
    return steps.map((step) => {
      last = known.get(step) ?? last
      return step > end ? null : last
    })
  }
  return h(
    'figure',
    { id: 'comparison-loss', 'aria-labelledby': 'comparison-loss-title' },
    h('h3', { id: 'comparison-loss-title' }, `${lines[0]!.name}, smoothed`),
    chart(
      'comparison-loss',
      linesDraw({
        steps,
        span,
        height: 260,
        lines: lines.map(({ run, i, steps: own, values }) => ({
          label: nameOf(run, i, runs),
          values: at(own, values),
          ...styleOfRun(i),
        })),
        format: (value) => told(value),
      }),
      sliderOf(
        { run: { from: span[0], step: span[1] } as RunPicture },
        `Losses of ${runs.length} runs`
      )
    )
  )
}

interface RunSubjects {
  readonly run: RunPicture
  readonly subjects: readonly Subject[]
}

function keyTable(all: readonly RunSubjects[], runs: readonly RunPicture[]): HTMLElement {
  const figures = all.map(
    ({ subjects }) => new Map(keyFigures(subjects).map((key) => [keyOf(key), key]))
  )
  const keys = [...new Set(figures.flatMap((own) => [...own.keys()]))]
  const heads = all.map(({ run }, i) => h('th', { scope: 'col' }, swatch(i), nameOf(run, i, runs)))
  const rows = keys.map((key) => {
    const any = figures.find((own) => own.has(key))!.get(key)!
    return h(
      'tr',
      {},
      h(
        'th',
        { scope: 'row' },
        titleOf(any.figure),
        h('div', { class: 'quiet' }, `${any.subject.section.stage} · ${any.name}`)
      ),
      figures.map((own, i) => {
        const one = own.get(key)
        if (!one) return h('td', {}, '–')
        const beside =
          one.interval === undefined
            ? besideOf(one.subject, one.figure)
            : rangeOf(one.figure, one.interval)
        return h(
          'td',
          {},
          h('b', {}, numberOf(one.figure, one.value)),
          h('span', { class: 'null-text' }, ` ${beside}`),
          track(
            `compare-${i}-${one.subject.id}-${one.name}`,
            one.subject,
            one.figure,
            one.value,
            one.interval
          )
        )
      })
    )
  })
  return h(
    'section',
    { id: 'key-figures', class: 'section', 'aria-labelledby': 'key-figures-name' },
    h(
      'header',
      { class: 'section-head' },
      h('h2', { id: 'key-figures-name' }, 'Key figures at the last step')
    ),
    h(
      'div',
      { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': 'Key figures by run' },
      h(
        'table',
        { class: 'compare' },
        h('thead', {}, h('tr', {}, h('td', {}), heads)),
        h('tbody', {}, rows)
      )
    )
  )
}

function keyOf({ subject, name }: { subject: Subject; name: string }): string {
  const { stage, member } = subject.section
  return `${stage} ${member} ${subject.scope.scope} ${name}`
}

/** Small multiples: each figure that has a null, with each run and its null. */
function multiples(all: readonly RunSubjects[], runs: readonly RunPicture[]): HTMLElement[] {
  const first = keyFigures(all[0]!.subjects).filter(
    ({ figure }) => figure.null !== undefined && figure.kind !== 'rank'
  )
  const span = [
    Math.min(...runs.map(({ from }) => from)),
    Math.max(...runs.map(({ step }) => step)),
  ] as const
  return first.map((key) => {
    const id = `multiples-${key.subject.section.stage}-${key.name}`
    return h(
      'section',
      { id, class: 'section', 'aria-labelledby': `${id}-name` },
      h(
        'header',
        { class: 'section-head' },
        h('h2', { id: `${id}-name` }, key.subject.section.stage),
        h('p', { class: 'quiet' }, `${key.figure.title}, each run compared with its own null`)
      ),
      h(
        'div',
        { class: 'grid' },
        all.map(({ run, subjects }, i) => {
          const own = keyFigures(subjects).find((one) => keyOf(one) === keyOf(key))
          if (!own || stepsOf(own.subject).length < 2) return false
          const { lines, bands } = layersOf(own.subject, own, '')
          const format = (value: number) => numberOf(own.figure, value)
          const style = styleOfRun(i)
          const coloured = lines.map((line) =>
            line.colour === 'ours' ? { ...line, ...style, dash: undefined } : line
          )
          return h(
            'figure',
            { class: 'span-3', 'aria-label': `${key.figure.title} of ${nameOf(run, i, runs)}` },
            h('h3', { class: 'run-name' }, swatch(i), nameOf(run, i, runs)),
            chart(
              `${id}-${i}`,
              linesDraw({
                steps: stepsOf(own.subject),
                span,
                lines: coloured,
                bands,
                format,
                kind: key.figure.kind,
                height: 150,
                ...(key.figure.kind === 'share' ? { range: [0, 1] as const } : {}),
              }),
              sliderOf(
                { run },
                `${key.figure.title} of ${nameOf(run, i, runs)}, ${format(own.value as number)}, ${besideOf(own.subject, own.figure)}`
              )
            )
          )
        })
      )
    )
  })
}
