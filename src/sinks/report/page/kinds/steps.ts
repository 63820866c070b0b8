import type { StepsFigure } from '../../../../spec/figures.ts'
import { told } from '../../model/numbers.ts'
import type { Known } from '../../model/series.ts'
import { computedBy, type Subject, spanOf } from '../../model/subject.ts'
import { box } from '../box.ts'
import { chart } from '../charts.ts'
import { linesDraw } from '../lines.ts'
import { sliderOf } from './number.ts'

/** Lines over steps that a stage itself records. */
export function stepsChart(
  subject: Subject,
  name: string,
  figure: StepsFigure
): HTMLElement | undefined {
  const value = subject.scope.values[name] as { steps: number[]; values: Known[][] } | null
  if (!value || value.steps.length === 0) return undefined
  const { steps, values } = value
  const id = `${subject.id}-${name}`
  const line = figure.lines ?? 'line'
  const labels = values.map((_, i) => (values.length === 1 ? '' : `${i + 1}`))
  const shown = values.slice(0, 8)
  const [from, to] = spanOf(subject.run)
  return box({
    id,
    title: figure.unit ? `${figure.title} (${figure.unit})` : figure.title,
    caption: values.length === 1 ? 'No null.' : `A line for each ${line}. No null.`,
    span: 6,
    chart: chart(
      id,
      linesDraw({
        steps,
        span: [Math.min(from, steps[0]!), Math.max(to, steps.at(-1)!)],
        lines: shown.map((line, i) => ({
          label: labels[i]!,
          values: line,
          colour: i === 0 ? 'ours' : `run${i % 6}`,
        })),
        format: (number) => told(number),
      }),
      sliderOf(
        subject,
        `${figure.title}, last ${values.map((line) => told(line.at(-1))).join(', ')}`
      )
    ),
    shows: figure.means,
    computed: computedBy(subject),
    misleads: figure.misleads,
    table: () => ({
      columns: ['step', ...labels.map((label) => (label ? `${line} ${label}` : figure.title))],
      rows: steps.map((step, i) => [step, ...values.map((line) => line[i] ?? null)]),
    }),
  })
}
