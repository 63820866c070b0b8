import { numberOf } from '../../model/numbers.ts'
import type { Known } from '../../model/series.ts'
import {
  besideOf,
  computedBy,
  lineOf,
  type NamedFigure,
  type Subject,
  spanOf,
  stepsOf,
} from '../../model/subject.ts'
import { box } from '../box.ts'
import { chart } from '../charts.ts'
import type { BandOf, LineOf } from '../lines.ts'
import { linesDraw } from '../lines.ts'

/** A scalar or share over steps, with its null, the null's scatter, and its interval. */
export function numberOverSteps(
  subject: Subject,
  { name, figure }: NamedFigure
): HTMLElement | undefined {
  const own = lineOf(subject, name)
  if (!own || stepsOf(subject).length < 2) return undefined
  const { lines, bands } = layersOf(subject, { name, figure }, 'run')
  const format = (value: number): string => numberOf(figure, value)
  const steps = stepsOf(subject)
  const id = `${subject.id}-${name}`
  const draw = linesDraw({
    steps,
    span: spanOf(subject.run),
    lines,
    bands,
    format,
    kind: figure.kind,
    ...(figure.kind === 'share' ? { range: [0, 1] as const } : {}),
  })
  return box({
    id,
    title: figure.unit ? `${figure.title} (${figure.unit})` : figure.title,
    caption: captionOf(subject, figure),
    span: 6,
    chart: chart(
      id,
      draw,
      sliderOf(
        subject,
        `${figure.title}, ${format(subject.scope.values[name] as number)}, ${besideOf(subject, figure)}`
      )
    ),
    shows: figure.means,
    computed: computedBy(subject),
    misleads: figure.misleads,
    table: () => ({
      columns: ['step', ...lines.map(({ label }) => label)],
      rows: steps.map((step, i) => [step, ...lines.map(({ values }) => values[i] ?? null)]),
    }),
  })
}

/** Attributes that make a chart over steps a slider for the step, for keyboards and screen readers. */
export function sliderOf({ run }: Pick<Subject, 'run'>, label: string) {
  const [from, to] = spanOf(run)
  return {
    role: 'slider',
    tabindex: 0,
    'aria-label': label,
    'aria-valuemin': from,
    'aria-valuemax': to,
    'aria-valuenow': to,
  }
}

/** The lines and bands of one figure. */
export function layersOf(
  subject: Subject,
  { name, figure }: NamedFigure,
  label: string
): { lines: LineOf[]; bands: BandOf[] } {
  const lines: LineOf[] = []
  const bands: BandOf[] = []
  const low = lineOf(subject, `${figure.interval}[0]`)
  const high = lineOf(subject, `${figure.interval}[1]`)
  if (low && high) bands.push({ low: low.values, high: high.high, colour: 'ours', percent: 17 })
  const none = lineOf(subject, figure.null)
  if (none) {
    const scatter = lineOf(subject, figure.scatter)
    if (scatter) {
      bands.push({
        low: none.values.map((value, i) => plus(value, scatter.high[i], -1)),
        high: none.high.map((value, i) => plus(value, scatter.high[i], 1)),
        colour: 'null',
        percent: 26,
      })
    }
    lines.push({ label: 'null', ...none, colour: 'null' })
  }
  const own = lineOf(subject, name)
  if (own) lines.unshift({ label, ...own, colour: 'ours' })
  return { lines, bands }
}

function plus(value: Known | undefined, scatter: Known | undefined, sign: number): Known {
  return value === null || value === undefined ? null : value + sign * (scatter ?? 0)
}

function captionOf(subject: Subject, figure: Subject['told']['figures'][string]): string {
  if (figure.null !== undefined) {
    return figure.scatter === undefined
      ? 'Grey: the same figure of the null.'
      : 'Grey: the same figure of the null; band: one standard deviation.'
  }
  if (figure.interval !== undefined) return 'Band: 95 % interval.'
  return `No null. ${subject.scope.scope === 'model' ? '' : subject.scope.scope}`.trim()
}
