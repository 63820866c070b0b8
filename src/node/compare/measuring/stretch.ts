import type { Interval } from '../../../spec/figures.ts'
import type { Comparable } from '../reading/figures.ts'

/** A figure's value for each run, and the number of steps that it covers if one of the runs went on for longer. */
export interface Alongside {
  readonly values: readonly Comparable[]
  readonly steps?: number | undefined
}

/**
 * The newest values of a figure that cover the same stretch of each run. Eigenvalues change as a run continues, so the beginning
 * of a longer run is compared. If no stretch occurs in all runs, the newest values are used.
 */
export function alongside(runs: readonly (readonly Comparable[])[]): Alongside {
  const newest = { values: runs.map((values) => values.at(-1)!) }
  const stretches = runs.map(stretchesOf)
  const common = stretches[0]!.findLast((stretch) =>
    stretches.every((own) => own.includes(stretch))
  )
  if (common === undefined || stretches.every((own) => own.at(-1) === common)) return newest
  const values = runs.map((own, i) => own[stretches[i]!.lastIndexOf(common)]!)
  return { values, steps: stepsOf(values[0]!) }
}

/** For each value of a run, the steps that it covers, counted from the first value's first step. */
function stretchesOf(values: readonly Comparable[]): (string | undefined)[] {
  const windows = values.map(windowOf)
  const origin = windows[0]?.[0] ?? 0
  return windows.map((window) => window?.map((step) => step - origin).join(' to '))
}

/** If numbers of steps differ by less than this share of the larger one, eigenvalues hardly change. */
const leastShare = 0.1

/** Why values cover stretches that are too different to be compared. Undefined if they do not, or this is not known. */
export function stretchesApart(a: Comparable, b: Comparable): string | undefined {
  const [own, other] = [stepsOf(a), stepsOf(b)]
  if (own === undefined || other === undefined) return undefined
  if (Math.abs(own - other) <= leastShare * Math.max(own, other)) return undefined
  return `They are of ${own} and of ${other} steps, which changes eigenvalues by itself, and no summary is of as many steps in both. Give recordings, or summaries that were stored as both runs went on.`
}

/** How many of the trainer's steps the eigenvalues cover. */
function stepsOf(value: Comparable): number | undefined {
  const window = windowOf(value)
  return window && window[1] - window[0]
}

const windowOf = ({ value }: Comparable): Interval | undefined =>
  'window' in value && value.window ? value.window : undefined
