import type { Group } from './compare.ts'
import type { ComparedRun } from './reading/runs.ts'

/** A run that is already in its group: a copy, its stored summaries beside its recording, or a training with the same seed. */
export interface Repeat {
  readonly path: string
  readonly of: string
}

/**
 * Groups without repeated runs. Repeated runs have no distance from each other, and would make any difference between groups look
 * certain.
 */
export function once(groups: readonly Group[]): { groups: Group[]; repeats: Repeat[] } {
  const repeats: Repeat[] = []
  const kept = groups.map(({ name, runs }) => {
    const own: ComparedRun[] = []
    for (const run of runs) {
      const before = own.find((other) => isSame(other, run))
      if (before) repeats.push({ path: run.path, of: before.path })
      else own.push(run)
    }
    return { name, runs: own }
  })
  return { groups: kept, repeats }
}

/** Whether all figures of both runs are equal to the bit. */
function isSame(a: ComparedRun, b: ComparedRun): boolean {
  const shared = [...a.figures.keys()].filter((figure) => b.figures.has(figure))
  const newest = ({ figures }: ComparedRun, figure: string): string =>
    JSON.stringify(figures.get(figure)!.at(-1))
  return shared.length > 0 && shared.every((figure) => newest(a, figure) === newest(b, figure))
}
