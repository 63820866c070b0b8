import type { Figure } from '../../../spec/figures.ts'
import { list } from './numbers.ts'
import type { MetricsPicture, RunPicture } from './picture.ts'
import { type NamedFigure, type Subject, shownFigures } from './subject.ts'

/** A figure that is one number, or the first of its ranks. */
export interface KeyFigure extends NamedFigure {
  readonly subject: Subject
  readonly value: unknown
  readonly interval?: unknown
  /** The key of its line over steps. */
  readonly key: string
}

/** The figures with a null, an interval or a place in the overview, from the first scope of each section. */
export function keyFigures(subjects: readonly Subject[]): KeyFigure[] {
  return subjects.flatMap((subject) =>
    shownFigures(subject).flatMap(({ name, figure }): KeyFigure[] => {
      const { null: none, interval, kind } = figure
      const value = subject.scope.values[name]
      if (none === undefined && interval === undefined && !figure.overview) return []
      if (kind === 'scalar' || kind === 'share')
        return [{ subject, name, figure, value, key: name }]
      if (kind !== 'rank' || interval === undefined) return []
      const [first] = list(value)
      const [range] = list(subject.scope.values[interval])
      return first === undefined
        ? []
        : [{ subject, name, figure, value: first, interval: range, key: `${name}[0]` }]
    })
  )
}

export function titleOf({ title, unit, kind }: Figure): string {
  const capital = title.charAt(0).toUpperCase() + title.slice(1)
  return unit === undefined || kind === 'count' ? capital : `${capital} (${unit})`
}

/** The trainer's figure on the first screen: the loss, or else its first figure. */
export function mainMetric({
  metrics,
}: RunPicture): { own: MetricsPicture; at: number; name: string } | undefined {
  const own = metrics.find(({ member }) => member === 0) ?? metrics[0]
  if (!own || own.names.length === 0) return undefined
  const loss = own.names.findIndex((name) => /loss/i.test(name))
  const at = Math.max(0, loss)
  return { own, at, name: own.names[at]! }
}
