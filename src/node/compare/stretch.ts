import type { Comparable } from './figures.ts'

/** A figure of each run, and over how many steps, where one of the runs went on for longer. */
export interface Alongside {
  readonly values: readonly Comparable[]
  readonly steps?: number
}

/**
 * The newest values of a figure that are of as many steps in each run: eigenvalues change as a run goes on, so a longer one is
 * compared by its beginning. Where no number of steps is in all of them, the newest values.
 */
export function alongside(runs: readonly (readonly Comparable[])[]): Alongside {
  const newest = runs.map((values) => values.at(-1)!)
  const lengths = newest.map(stepsOf)
  if (lengths.every((steps) => steps === undefined || steps === lengths[0])) {
    return { values: newest }
  }
  const steps = runs[0]!
    .map(stepsOf)
    .filter((steps) => runs.every((values) => values.some((own) => stepsOf(own) === steps)))
    .reduce((most = 0, steps = 0) => Math.max(most, steps), 0)!
  if (steps === 0) return { values: newest }
  return {
    values: runs.map((values) => values.findLast((own) => stepsOf(own) === steps)!),
    steps,
  }
}

/** Numbers of steps that differ by less than this share of the larger hardly change eigenvalues. */
const leastShare = 0.1

/** Why values are of stretches too unlike to be compared; undefined where they are not, or that is not known. */
export function stretchesApart(a: Comparable, b: Comparable): string | undefined {
  const [own, other] = [stepsOf(a), stepsOf(b)]
  if (own === undefined || other === undefined) return undefined
  if (Math.abs(own - other) <= leastShare * Math.max(own, other)) return undefined
  return `They are of ${own} and of ${other} steps, which changes eigenvalues by itself, and no summary is of as many steps in both. Give recordings, or summaries that were stored as both runs went on.`
}

/** Steps of the trainer that eigenvalues are of. */
function stepsOf({ value }: Comparable): number | undefined {
  return 'window' in value && value.window ? value.window[1] - value.window[0] : undefined
}
