import type { Figure } from '../../../../spec/figures.ts'
import { isKnown, list, numberOf, tickOf, told } from '../../model/numbers.ts'
import {
  computedBy,
  lineOf,
  type NamedFigure,
  type Subject,
  spanOf,
  stepsOf,
} from '../../model/subject.ts'
import { box } from '../box.ts'
import { chart } from '../charts.ts'
import { s } from '../dom.ts'
import { type BandOf, type LineOf, linesDraw } from '../lines.ts'
import { frameOf, roundTicks } from './frame.ts'
import { sliderOf } from './number.ts'

/** How many ranks are drawn as lines over steps at once. More lines would only make a hatch. */
const mostLines = 4

/** A figure with one value per rank: over steps, and all ranks at the last step. */
export function ranks(subject: Subject, named: NamedFigure): HTMLElement[] {
  return [rankOverSteps(subject, named), rankAtEnd(subject, named)].filter(
    (one) => one !== undefined
  )
}

function rankOverSteps(subject: Subject, { name, figure }: NamedFigure): HTMLElement | undefined {
  const followed = followedRanks(subject, name)
  const steps = stepsOf(subject)
  if (followed.length === 0 || steps.length < 2) return undefined
  const lines: LineOf[] = []
  const bands: BandOf[] = []
  for (const rank of followed) {
    const own = lineOf(subject, `${name}[${rank}]`)!
    lines.push({ label: String(rank + 1), ...own, colour: 'ours' })
    const bound = lineOf(subject, `${figure.bound}[${rank}]`)
    if (bound)
      bands.push({ low: own.values, high: bound.high, colour: 'ours', percent: 8, edge: true })
    const low = lineOf(subject, `${figure.interval}[${rank}][0]`)
    const high = lineOf(subject, `${figure.interval}[${rank}][1]`)
    if (low && high) bands.push({ low: low.values, high: high.high, colour: 'ours', percent: 17 })
  }
  const format = (value: number): string => numberOf(figure, value)
  const id = `${subject.id}-${name}`
  const last = list(subject.scope.values[name])[0]
  return box({
    id,
    title: `${titleOf(figure)} over the run`,
    caption: overCaption(figure, followed),
    span: 6,
    chart: chart(
      id,
      linesDraw({ steps, span: spanOf(subject.run), lines, bands, format }),
      sliderOf(subject, `${figure.title}, the first is ${told(last)}`)
    ),
    ...words(subject, figure),
    table: () => ({
      columns: ['step', ...followed.map((rank) => `rank ${rank + 1}`)],
      rows: steps.map((step, i) => [step, ...lines.map(({ values }) => values[i] ?? null)]),
    }),
  })
}

function followedRanks(subject: Subject, name: string): number[] {
  const ranks: number[] = []
  for (let rank = 0; rank < 512; rank = 2 * rank + 1) {
    if (lineOf(subject, `${name}[${rank}]`)) ranks.push(rank)
  }
  // The first rank, and the last ones, which are furthest apart.
  return ranks.length > mostLines ? [ranks[0]!, ...ranks.slice(1 - mostLines)] : ranks
}

/** A tick at each value, with a bar to its bound or across its interval. */
function rankAtEnd(subject: Subject, { name, figure }: NamedFigure): HTMLElement | undefined {
  const { values, step } = subject.scope
  const own = list(values[name])
  if (own.length < 2) return undefined
  const bounds = list(values[figure.bound ?? ''])
  const ranges = list(values[figure.interval ?? ''])
  const errors = list(values[figure.error ?? ''])
  const rows = own.map((value, i) => {
    const [low, high] = Array.isArray(ranges[i]) ? (ranges[i] as unknown[]) : []
    return {
      value,
      low: isKnown(low) ? low : value,
      high: isKnown(high) ? high : (bounds[i] ?? value),
    }
  })
  const id = `${subject.id}-${name}-end`
  const title = `${titleOf(figure)} at step ${told(step)}`
  return box({
    id,
    title,
    caption: endCaption(figure),
    span: 6,
    chart: chart(id, (host, width) => {
      const known = rows.flatMap(({ value, low, high }) => [value, low, high]).filter(isKnown)
      const frame = frameOf({
        width,
        height: 180,
        x: [0.5, own.length + 0.5],
        y: known,
        zero: true,
      })
      const wide = Math.min(22, Math.max(2, (0.7 * (frame.right - frame.left)) / own.length))
      const marks = rows.flatMap(({ value, low, high }, i) => {
        if (!isKnown(value)) return []
        const x = frame.x(i + 1) - wide / 2
        const [top, bottom] = [frame.y(Number(high)), frame.y(Number(low))]
        return [
          s('rect', {
            class: 'ours-fill',
            x,
            y: top,
            width: wide,
            height: Math.max(0, bottom - top),
          }),
          s('rect', { class: 'ours', x, y: frame.y(value) - 1, width: wide, height: 2 }),
        ]
      })
      host.replaceChildren(
        frame.svg(
          `${title}: ${own
            .slice(0, 8)
            .map((v) => told(v))
            .join(', ')}`,
          marks,
          (v) => tickOf(figure.kind, v),
          'rank',
          roundTicks(1, own.length, 5).filter(Number.isInteger)
        )
      )
    }),
    ...words(subject, figure),
    table: () => ({
      columns: ['rank', figure.title, ...extra(figure).map(([title]) => title)],
      rows: own.map((value, i) => [
        i + 1,
        value,
        ...extra(figure).map(
          ([, from]) =>
            ({ bounds, errors, low: list(ranges[i]), high: list(ranges[i]).slice(1) })[from][
              from === 'low' || from === 'high' ? 0 : i
            ] ?? null
        ),
      ]),
    }),
  })
}

/** Additional columns for a value in its table. */
function extra({
  bound,
  error,
  interval,
}: Figure): [string, 'bounds' | 'errors' | 'low' | 'high'][] {
  return [
    ...(bound ? [['at most', 'bounds'] as [string, 'bounds']] : []),
    ...(error ? [['estimated error', 'errors'] as [string, 'errors']] : []),
    ...(interval
      ? [['95 % from', 'low'] as [string, 'low'], ['95 % to', 'high'] as [string, 'high']]
      : []),
  ]
}

function words(subject: Subject, figure: Figure) {
  return { shows: figure.means, computed: computedBy(subject), misleads: figure.misleads }
}

function titleOf({ title, unit }: Figure): string {
  const capital = title.charAt(0).toUpperCase() + title.slice(1)
  return unit ? `${capital} (${unit})` : capital
}

function overCaption({ bound, interval }: Figure, ranks: readonly number[]): string {
  const which = ranks.length > 1 ? `Ranks ${ranks.map((rank) => rank + 1).join(', ')}. ` : ''
  if (bound !== undefined)
    return `${which}Dotted: the upper bound. The value lies between line and dots.`
  return interval === undefined ? `${which}No null.` : `${which}Band: 95 % interval.`
}

function endCaption({ bound, interval }: Figure): string {
  if (bound !== undefined) return 'Bar: from the value to its upper bound.'
  return interval === undefined ? 'A tick at each value. No null.' : 'Bar: 95 % interval.'
}
