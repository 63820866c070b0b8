import type { AnyValues, Figure, Figures } from '../../../spec/figures.ts'
import type { Known } from './series.ts'

/** The numbers of a figure that are recorded over steps, each under its own key: `name`, `name[2]`, `name[2][0]`. */
export function partsOf(name: string, figure: Figure, value: unknown): [string, Known][] {
  switch (figure.kind) {
    case 'scalar':
    case 'share':
    case 'count':
      return [[name, knownNumber(value)]]
    case 'interval':
      if (figure.over === 'rank') return ranked(name, value, (key, item) => ends(key, item))
      return ends(name, value)
    case 'rank':
      return ranked(name, value, (key, item) => [[key, knownNumber(item)]])
    default:
      return []
  }
}

/** All numbers of a summary that are recorded over steps. */
export function pointsOf(figures: Figures, values: AnyValues): [string, Known][] {
  return Object.entries(figures).flatMap(([name, figure]) =>
    partsOf(name, figure, values[name] ?? null)
  )
}

export function knownNumber(value: unknown): Known {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function ends(key: string, value: unknown): [string, Known][] {
  const [low, high] = Array.isArray(value) ? value : []
  return [
    [`${key}[0]`, knownNumber(low)],
    [`${key}[1]`, knownNumber(high)],
  ]
}

/** Keeps ranks 1, 2, 4, 8, ... The others lie between them. */
function ranked(
  name: string,
  value: unknown,
  part: (key: string, item: unknown) => [string, Known][]
): [string, Known][] {
  if (!Array.isArray(value)) return []
  return value.flatMap((item, i) => (isFollowed(i) ? part(`${name}[${i}]`, item) : []))
}

function isFollowed(index: number): boolean {
  return ((index + 1) & index) === 0
}
